//! What goes on for a batch in the background: at most two videos at a time are looked at, and none while the window is in
//! use; what has changed is written to disk.

use std::time::{Duration, Instant};

use egui::{Context, Event};
use posterframe_contract::Interpretation;
use posterframe_player::Footage;

use super::Batch;
use super::store::Saved;
use crate::context::{Engine, source};
use crate::distant::Opener;

/// The most videos that are looked at at once.
const AT_ONCE: usize = 2;
/// How long the window was not used when work goes on.
const REST: Duration = Duration::from_millis(800);
/// How long a change waits before it is written.
const SAVE_DELAY: Duration = Duration::from_secs(1);
/// The most rows that keep pictures, and for how many of the window's frames those that are not drawn keep them then.
const MAX_PICTURES: usize = 300;
const KEPT_FOR: u64 = 120;

impl Batch {
    /// Takes in what was found, begins what is next, and writes what has changed.
    pub(in super::super) fn update(&mut self, (ctx, engine): (&Context, &Engine), opener: &Opener) {
        self.hold_back(ctx);
        let mut under_way = 0;
        for row in &mut self.rows {
            self.is_changed |= row.update(ctx);
            under_way += usize::from(row.is_under_way());
        }
        let now = ctx.cumulative_frame_nr();
        if under_way < AT_ONCE {
            self.begin_next((ctx, engine), opener, (under_way, now));
        }
        self.forget_pictures(now);
        self.submit_next((ctx, engine), opener);
        self.save_changes(ctx, engine);
    }

    /// Work waits while a person presses, types or scrolls.
    fn hold_back(&mut self, ctx: &Context) {
        let is_used = ctx.input(|input| {
            let is_use = |event: &Event| {
                matches!(
                    event,
                    Event::Key { .. }
                        | Event::Text(_)
                        | Event::MouseWheel { .. }
                        | Event::PointerButton { .. }
                )
            };
            input.pointer.any_down() || input.events.iter().any(is_use)
        });
        if is_used {
            self.used = Some(Instant::now());
        }
        let rest = self
            .used
            .map(|used| REST.saturating_sub(used.elapsed()))
            .unwrap_or_default();
        self.pause.set(!rest.is_zero());
        if !rest.is_zero() {
            ctx.request_repaint_after(rest);
        }
    }

    /// What is on the screen comes first.
    fn begin_next(
        &mut self,
        (ctx, engine): (&Context, &Engine),
        opener: &Opener,
        (under_way, now): (usize, u64),
    ) {
        let is_drawn = |drawn: u64| drawn + 2 > now;
        let mut wanted: Vec<usize> = (0..self.rows.len())
            .filter(|&index| {
                let row = &self.rows[index];
                // One in a bucket waits for a login.
                row.wants_a_look(is_drawn(row.drawn)) && opener.reaches(&row.video)
            })
            .collect();
        wanted.sort_by_key(|&index| !is_drawn(self.rows[index].drawn));
        for index in wanted.into_iter().take(AT_ONCE - under_way) {
            let rule = self.rows[index].rule.as_ref().unwrap_or(&self.rule);
            let selectors = rule.selectors().unwrap_or_default();
            if let Ok(video) = source(ctx, opener, &self.rows[index].video) {
                let footage = Footage::new(video, Interpretation::default());
                self.rows[index].begin((engine, ctx), footage, (&selectors, &self.pause));
            }
        }
    }

    fn forget_pictures(&mut self, now: u64) {
        let with_pictures = self.rows.iter().filter(|row| row.still.is_some()).count();
        if with_pictures > MAX_PICTURES {
            for row in &mut self.rows {
                if row.drawn + KEPT_FOR < now && !row.is_under_way() {
                    row.forget_pictures();
                }
            }
        }
    }

    fn save_changes(&mut self, ctx: &Context, engine: &Engine) {
        if std::mem::take(&mut self.is_changed) {
            self.changed.get_or_insert_with(Instant::now);
        }
        let (Some(changed), Some(file)) = (self.changed, &self.file) else {
            return;
        };
        let rest = SAVE_DELAY.saturating_sub(changed.elapsed());
        if !rest.is_zero() {
            ctx.request_repaint_after(rest);
            return;
        }
        self.changed = None;
        let (saved, file) = (Saved::of(self), file.clone());
        engine.spawn_blocking(move || {
            if let Err(error) = saved.write(&file) {
                tracing::warn!("the batch is not saved: {error}");
            }
        });
    }
}
