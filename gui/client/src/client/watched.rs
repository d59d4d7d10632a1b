//! Submissions of files that arrive in a watched folder: each version of a file once, whatever happens to the program.

use posterframe_contract::JobId;

use super::Client;
use crate::error::ClientError;
use crate::model::Submission;
use crate::store::{WatchedFile, WatchedOutcome};
use crate::upload;

impl Client {
    /// What came of a file of a watched folder, if it was submitted or refused before: this very version of it, be it under another
    /// name since. Reads the file where its number in the file system is all that is new: some network file systems give other
    /// numbers after each mount.
    ///
    /// Waits for the disk, as [`Self::submit`].
    ///
    /// # Errors
    /// The history cannot be read.
    pub fn watched(&self, file: &WatchedFile) -> Result<Option<WatchedOutcome>, ClientError> {
        let backend = self.backend().name.clone();
        let (wanted, name) = (file.clone(), backend.clone());
        let known = self.inner.registry.journal(move |store| {
            let here = store.watched(&name, &wanted)?;
            Ok((here, store.watched_elsewhere(&name, &wanted)?))
        });
        let (here, elsewhere) = known.wait()?;
        let is_version = |known: &WatchedFile| {
            known.bytes == file.bytes && known.modified_unix_nanos == file.modified_unix_nanos
        };
        if let Some((known, outcome)) = &here
            && is_version(known)
            && known.file_id == file.file_id
        {
            return Ok(Some(outcome.clone()));
        }
        let candidates = here.into_iter().chain(elsewhere);
        let candidates: Vec<_> = candidates.filter(|(known, _)| is_version(known)).collect();
        if candidates.is_empty() {
            return Ok(None);
        }
        // What cannot be read now is found out where it is submitted.
        let content = upload::look_at(&file.path).ok().and_then(|seen| seen.content);
        let same = candidates
            .into_iter()
            .find(|(known, _)| content.is_some() && known.content == content);
        let Some((_, outcome)) = same else {
            return Ok(None);
        };
        let (noted, moved) = (
            outcome.clone(),
            WatchedFile {
                content,
                ..file.clone()
            },
        );
        // The row of its old name tells whether the result was handed over.
        let put = move |store: &crate::store::Store| store.put_watched(&backend, &moved, &noted, true);
        self.inner.registry.journal(put).wait()?;
        Ok(Some(outcome))
    }

    /// As [`Self::submit`]; that `file` was submitted is kept together with the job.
    ///
    /// # Errors
    /// As there.
    pub fn submit_watched(&self, submission: Submission, file: &WatchedFile) -> Result<JobId, ClientError> {
        let inner = &self.inner;
        let now = inner.registry.now();
        let job = upload::job(submission, &inner.session.backend, &inner.paths, now)?;
        let id = job.id;
        // As it was at this last look: what changes later is another version.
        let file = WatchedFile {
            bytes: job.video.bytes,
            modified_unix_nanos: job.video.modified_unix_nanos,
            content: job.video.content.clone(),
            ..file.clone()
        };
        let backend = job.backend.clone();
        let noted = move |store: &crate::store::Store| {
            store.put_watched(&backend, &file, &WatchedOutcome::Job(id), false)
        };
        inner.registry.insert_with(job, noted).wait()?;
        inner.uploads.start(id);
        Ok(id)
    }

    /// Keeps that a file of a watched folder cannot be submitted, and why: it is tried again once it is another version.
    ///
    /// # Errors
    /// The history cannot be written.
    pub fn refuse_watched(&self, file: &WatchedFile, reason: String) -> Result<(), ClientError> {
        let (backend, mut file) = (self.backend().name.clone(), file.clone());
        file.content = upload::look_at(&file.path).ok().and_then(|seen| seen.content);
        let put = move |store: &crate::store::Store| {
            store.put_watched(&backend, &file, &WatchedOutcome::Refused(reason), true)
        };
        self.inner.registry.journal(put).wait()
    }

    /// The jobs of watched files whose results were not [handed over](Self::set_delivered) yet, oldest first.
    ///
    /// # Errors
    /// The history cannot be read.
    pub fn undelivered(&self) -> Result<Vec<(WatchedFile, JobId)>, ClientError> {
        let backend = self.backend().name.clone();
        let rows = self
            .inner
            .registry
            .journal(move |store| store.undelivered(&backend));
        let job = |(file, outcome)| match outcome {
            WatchedOutcome::Job(job) => Some((file, job)),
            WatchedOutcome::Refused(_) => None,
        };
        Ok(rows.wait()?.into_iter().filter_map(job).collect())
    }

    /// Keeps that a watched file's result, or why there is none, was handed over to whoever watches.
    ///
    /// # Errors
    /// The history cannot be written.
    pub fn set_delivered(&self, job: JobId) -> Result<(), ClientError> {
        self.inner
            .registry
            .journal(move |store| store.set_delivered(job))
            .wait()
    }
}
