//! The selection in the list: the current job, and others selected with it.

use std::collections::HashSet;
use std::sync::Arc;

use egui::Modifiers;
use posterframe_client::Job;
use posterframe_contract::JobId;

use super::listing::Listing;

/// The selected jobs. The view shows the detail of a single one, and the common actions of several.
#[derive(Default)]
pub(super) struct Selection {
    /// The job that the keyboard moves from.
    current: Option<JobId>,
    /// The job at which a range starts.
    anchor: Option<JobId>,
    /// All selected jobs, if there are several.
    marked: HashSet<JobId>,
}

impl Selection {
    /// The job whose detail is shown.
    pub(super) fn current(&self) -> Option<JobId> {
        self.current
    }

    /// Whether a row is drawn as selected.
    pub(super) fn holds(&self, id: JobId) -> bool {
        if self.marked.is_empty() {
            self.current == Some(id)
        } else {
            self.marked.contains(&id)
        }
    }

    /// Whether more than one is selected.
    pub(super) fn is_many(&self) -> bool {
        self.marked.len() > 1
    }

    /// Selects only this job.
    pub(super) fn only(&mut self, id: JobId) {
        self.current = Some(id);
        self.anchor = Some(id);
        self.marked.clear();
    }

    /// Selects only the current job.
    pub(super) fn collapse(&mut self) {
        self.anchor = self.current;
        self.marked.clear();
    }

    /// Handles a click on a row: Ctrl toggles it, Shift selects the range up to it.
    pub(super) fn click(&mut self, listing: &Listing, id: JobId, modifiers: Modifiers) {
        if modifiers.shift {
            self.extend_to(listing, id);
        } else if modifiers.command {
            self.toggle(id);
        } else {
            self.only(id);
        }
    }

    fn toggle(&mut self, id: JobId) {
        if self.marked.is_empty() {
            self.marked.extend(self.current);
        }
        if !self.marked.remove(&id) {
            self.marked.insert(id);
            self.current = Some(id);
        } else if self.current == Some(id) {
            self.current = self.marked.iter().next().copied().or(Some(id));
        }
        self.anchor = Some(id);
        if self.marked.len() < 2 {
            self.current = self.marked.iter().next().copied().or(self.current);
            self.marked.clear();
        }
    }

    /// Selects all rows from the anchor to `id`.
    pub(super) fn extend_to(&mut self, listing: &Listing, id: JobId) {
        let rows = self
            .anchor
            .or(self.current)
            .and_then(|anchor| listing.row(anchor))
            .zip(listing.row(id));
        let Some((from, to)) = rows else {
            self.only(id);
            return;
        };
        let jobs = (from.min(to)..=from.max(to)).filter_map(|row| listing.job(row));
        self.marked = jobs.map(|job| job.id).collect();
        self.current = Some(id);
        if self.marked.len() < 2 {
            self.marked.clear();
        }
    }

    /// Selects all rows.
    pub(super) fn all(&mut self, listing: &Listing) {
        self.marked = listing.jobs().map(|job| job.id).collect();
        if self.marked.len() < 2 {
            self.marked.clear();
        }
    }

    /// Deselects jobs that have left the list. If the current job is among them, the job in its row becomes current, or the
    /// newest.
    pub(super) fn keep(&mut self, listing: &Listing, last_row: &mut usize) {
        let is_there = |id: &JobId| listing.row(*id).is_some();
        self.marked.retain(is_there);
        if self.marked.len() < 2 {
            self.marked.clear();
        }
        if !self.current.as_ref().is_some_and(is_there) {
            let row = (*last_row).min(listing.len().saturating_sub(1));
            self.current = listing.job(row).map(|job| job.id);
            self.anchor = self.current;
        }
        if let Some(row) = self.current.and_then(|id| listing.row(id)) {
            *last_row = row;
        }
    }

    /// The selected jobs, in the list's order.
    pub(super) fn jobs(&self, listing: &Listing) -> Vec<Arc<Job>> {
        if self.marked.is_empty() {
            let row = self.current.and_then(|id| listing.row(id));
            row.and_then(|row| listing.job(row))
                .cloned()
                .into_iter()
                .collect()
        } else {
            let marked = listing.jobs().filter(|job| self.marked.contains(&job.id));
            marked.cloned().collect()
        }
    }
}
