//! What the timeline shows of a video: a range of it, its film strip, and the picture under a hovering pointer.

use std::time::Duration;

use egui::TextureHandle;
use posterframe_player::Strip;

use super::strip::FilmStrip;
use super::{OpenVideo, VisibleRange};

/// What the timeline shows.
#[derive(Default)]
pub struct Timeline {
    /// All of the video where there is nothing.
    range: Option<VisibleRange>,
    /// The playhead when the timeline was drawn last.
    playhead_seen: Duration,
    pub strip: FilmStrip,
    /// Where the newest picture under a hovering pointer was asked for.
    hover_asked: Option<Duration>,
    /// The newest one that came, and where it is.
    pub hover: Option<(Duration, TextureHandle)>,
}

impl Timeline {
    /// The player is gone: what has not come will have to be asked for again.
    pub fn pause(&mut self) {
        self.strip.pause();
        self.hover_asked = None;
        self.hover = None;
    }
}

impl OpenVideo {
    /// What the timeline shows, with the playhead in it once that has moved; `None` until the length is known.
    pub fn visible_range(&mut self) -> Option<VisibleRange> {
        let length = self.length().filter(|length| !length.is_zero())?;
        let whole = VisibleRange::whole(length);
        let range = self.timeline.range.unwrap_or(whole).of(length);
        let playhead = self.playhead();
        if std::mem::replace(&mut self.timeline.playhead_seen, playhead) == playhead {
            Some(range)
        } else {
            Some(range.showing(playhead))
        }
    }

    /// Shows another range.
    pub fn show_range(&mut self, range: VisibleRange) {
        self.timeline.range = (!range.is_whole()).then_some(range);
    }

    /// Shows `factor` times less of the video, around the playhead.
    pub fn zoom_timeline(&mut self, factor: f64) {
        if let Some(range) = self.visible_range() {
            self.show_range(range.zoomed(self.playhead().as_secs_f64(), factor));
        }
    }

    /// Asks for a film strip.
    pub fn want_strip(&mut self, strip: Strip) {
        let player = self.player.as_ref();
        if player.is_some()
            && let Some(rest) = self
                .timeline
                .strip
                .want(strip, player.filter(|_| self.distant.is_none()))
        {
            self.ctx.request_repaint_after(rest);
        }
    }

    /// Asks for the picture under a pointer that hovers at `time`, at most `max` pixels wide and high.
    pub fn want_hover(&mut self, time: Duration, max: (u32, u32)) {
        if self.timeline.hover_asked != Some(time)
            && let Some(player) = &self.player
            && let Some(fit) = self.preview.fitting.size()
        {
            self.timeline.hover_asked = Some(time);
            player.glance(time, max, fit);
        }
    }

    /// The picture for a hovering pointer at `time`: its own, or the nearest of the film strip.
    pub fn hover_picture(&self, time: Duration) -> Option<&TextureHandle> {
        let hover = self.timeline.hover.as_ref();
        let own = hover.filter(|(at, _)| *at == time);
        own.map(|(_, texture)| texture)
            .or_else(|| self.timeline.strip.at(time))
            .or(hover.map(|(_, texture)| texture))
    }
}
