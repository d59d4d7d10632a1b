//! What several checks need is asked once: the session, the bucket's rules, the queue, the task definition.

use aws_sdk_ecs::types::TaskDefinition;
use aws_sdk_s3::operation::get_bucket_notification_configuration::GetBucketNotificationConfigurationOutput as Rules;
use tokio::sync::OnceCell;

use super::facts::{self, BucketLook, QueueFacts};
use super::fault::Fault;
use super::report::Component;
use crate::aws::Session;
use crate::config::Backend;

/// Looks at one backend.
pub(super) struct Examiner {
    backend: Backend,
    session: OnceCell<Session>,
    bucket: OnceCell<Result<BucketLook, Fault>>,
    rules: OnceCell<Result<Rules, Fault>>,
    queue: OnceCell<Result<QueueFacts, Fault>>,
    definition: OnceCell<Result<TaskDefinition, Fault>>,
}

impl Examiner {
    pub(super) fn new(backend: Backend) -> Self {
        Self {
            backend,
            session: OnceCell::new(),
            bucket: OnceCell::new(),
            rules: OnceCell::new(),
            queue: OnceCell::new(),
            definition: OnceCell::new(),
        }
    }

    pub(super) async fn session(&self) -> &Session {
        self.session
            .get_or_init(|| Session::open(self.backend.clone()))
            .await
    }

    pub(super) async fn bucket_look(&self) -> &Result<BucketLook, Fault> {
        let fetch = async || facts::bucket(self.session().await).await;
        self.bucket.get_or_init(fetch).await
    }

    pub(super) async fn rules(&self) -> Result<&Rules, Fault> {
        let fetch = || async {
            let session = self.session().await;
            let answer = session
                .s3
                .get_bucket_notification_configuration()
                .bucket(&session.backend.bucket)
                .send()
                .await;
            answer.map_err(|error| Fault::of(&error))
        };
        self.rules.get_or_init(fetch).await.as_ref().map_err(Clone::clone)
    }

    pub(super) async fn queue_facts(&self) -> Result<&QueueFacts, Fault> {
        let fetch = async || {
            let rules = self
                .rules()
                .await
                .map_err(|_| Fault::DependsOn(Component::Events))?;
            facts::queue(self.session().await, rules).await
        };
        self.queue.get_or_init(fetch).await.as_ref().map_err(Clone::clone)
    }

    pub(super) async fn definition(&self) -> Result<&TaskDefinition, Fault> {
        let fetch = || async {
            let session = self.session().await;
            let answer = session
                .ecs
                .describe_task_definition()
                .task_definition(&session.backend.task_family)
                .send()
                .await
                .map_err(|error| match Fault::of(&error) {
                    // ECS has no code of its own for it.
                    Fault::Other(why) if why.contains("nable to describe task definition") => {
                        Fault::Missing(why)
                    }
                    fault => fault,
                })?;
            answer
                .task_definition
                .ok_or_else(|| Fault::Missing(session.backend.task_family.clone()))
        };
        self.definition
            .get_or_init(fetch)
            .await
            .as_ref()
            .map_err(Clone::clone)
    }
}
