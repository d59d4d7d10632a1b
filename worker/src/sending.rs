//! Files on their way to the bucket.

use std::collections::{HashMap, HashSet};

use aws_sdk_s3::Client;
use bytes::Bytes;
use posterframe_contract::log::PUT;
use tokio::task::JoinHandle;
use tracing::info;

use crate::error::TaskError;
use crate::place::Object;
use crate::put::put;

/// Sends a job's files, one at a time: its bytes are in memory.
pub(crate) struct Sending {
    client: Client,
    /// The file that is on its way.
    under_way: Option<JoinHandle<Result<(), TaskError>>>,
    /// Keys that files have already.
    taken: HashSet<String>,
}

impl Sending {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            under_way: None,
            taken: HashSet::new(),
        }
    }

    /// Takes a place for a file.
    ///
    /// # Errors
    /// Another file of the job has it.
    pub(crate) fn claim(&mut self, object: &Object) -> Result<(), TaskError> {
        if self.taken.insert(object.key.clone()) {
            return Ok(());
        }
        let message = format!("another file of this job has the same name: {}", object.key);
        Err(TaskError::Name(message))
    }

    /// Sends a file once the one before is there.
    ///
    /// # Errors
    /// The one before cannot be written.
    pub(crate) async fn send(
        &mut self,
        object: Object,
        media_type: &'static str,
        file: Bytes,
        metadata: Option<HashMap<String, String>>,
    ) -> Result<(), TaskError> {
        self.done().await?;
        let client = self.client.clone();
        self.under_way = Some(tokio::spawn(async move {
            let bytes = file.len();
            put(&client, &object, media_type, file, metadata).await?;
            info!("{PUT}{object}, {bytes} bytes");
            Ok(())
        }));
        Ok(())
    }

    /// Waits for the file that is on its way.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) async fn done(&mut self) -> Result<(), TaskError> {
        match self.under_way.take() {
            Some(sending) => sending.await.map_err(|_| TaskError::Decoder)?,
            None => Ok(()),
        }
    }
}
