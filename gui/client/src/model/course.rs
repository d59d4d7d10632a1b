//! What a job has before it, by where its files are made: by a task, or on this computer.

use super::job::Job;
use super::job_state::JobState;
use super::phase::{Phase, PhaseRecord};

impl Job {
    /// Whether this computer has still to do its part: to send video and request, or to make the files itself.
    pub fn is_on_this_side(&self) -> bool {
        match self.state {
            JobState::Queued | JobState::Uploading | JobState::Paused => true,
            JobState::Running => self.here.as_ref().is_some_and(|run| run.stopped.is_none()),
            _ => false,
        }
    }

    /// The phases that it goes through, in order: a job that is made on this computer has no upload, no event and no task.
    pub fn steps(&self) -> &[PhaseRecord] {
        let first = if self.here.is_some() {
            Phase::Extract
        } else {
            Phase::Upload
        };
        &self.phases[first as usize..]
    }

    /// Whether a task of it may come that is not known yet.
    pub(crate) fn awaits_task(&self) -> bool {
        self.task.is_none() && self.here.is_none()
    }
}

#[cfg(test)]
mod tests {
    use posterframe_contract::JobId;
    use time::OffsetDateTime;

    use super::*;
    use crate::model::HereRun;

    // Breaks if a job that is made here is watched as one that has a task, or shows phases that it does not have.
    #[test]
    fn a_job_that_is_made_here() {
        let at = OffsetDateTime::UNIX_EPOCH;
        let mut job = crate::model::job::tests::job(JobId::new());
        job.begin(Phase::Extract, at);
        assert!(!job.is_on_this_side() && job.awaits_task() && job.steps().len() == 5);
        job.here = Some(HereRun::default());
        assert!(job.is_on_this_side() && !job.awaits_task());
        let steps: Vec<Phase> = job.steps().iter().map(|step| step.phase).collect();
        assert_eq!(steps, [Phase::Extract, Phase::Thumbnail]);
        assert_eq!(job.source_url(), "file:bunny.mp4");
        job.here = Some(HereRun {
            stopped: Some(at),
            ..HereRun::default()
        });
        job.begin(Phase::Thumbnail, at);
        assert!(!job.is_on_this_side());
        job.end(JobState::Failed, at);
        job.begin_again("jobs/x.json".into(), at);
        assert_eq!(
            (job.request_key.as_ref(), job.here.as_ref()),
            (None, Some(&HereRun::default()))
        );
        assert!(job.is_on_this_side());
    }
}
