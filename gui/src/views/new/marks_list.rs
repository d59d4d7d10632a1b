//! Lists of marks from other programs and for them: their frames are looked up off the window's thread.

use std::path::PathBuf;

use egui::{Context, TextureOptions, Ui};
use posterframe_client::capitalized;
use posterframe_frame::Timecodes;
use posterframe_kit::theme::icons;
use posterframe_kit::widgets::{InlineButton, menu, menu_item, menu_line};
use posterframe_markers::{Format, Found as Written, Marker};

use super::NewView;
use super::model::{Mark, OpenVideo, time_at};
use crate::context::{Command, Commands, Engine};
use crate::job_text::counted;
use crate::mark_list::{self, MarkList};
use crate::search::{Found, Search};

const MENU: f32 = 264.0;

/// The frames of a list's marks, while they are looked up in one video.
pub(super) struct Importing {
    video: PathBuf,
    list: String,
    markers: Vec<Marker>,
    search: Search,
    marks: Vec<Mark>,
}

impl NewView {
    /// Marks the frames of a list: in the open videos that it names, and in the shown one where it names none.
    pub fn import(&mut self, ctx: &Context, engine: &Engine, list: &MarkList, commands: &Commands) {
        let names_videos = !list.videos().is_empty();
        let mut last = None;
        for index in 0..self.videos.len() {
            if !names_videos && index != self.selected {
                continue;
            }
            let video = &self.videos[index];
            let unknown = || anyhow::anyhow!("the video is not open yet");
            let info = || video.info.clone().ok_or_else(unknown);
            match list.of(&video.path, info) {
                Ok(markers) => self.import_markers(ctx, engine, index, (list.name(), markers)),
                Err(error) => last = Some(error),
            }
        }
        if self.importing.is_empty() {
            let reason = match last {
                Some(error) => capitalized(&format!("{error:#}")),
                None => "Open the video that the list is of, and then the list".to_owned(),
            };
            commands.send(Command::Complain(reason));
        }
    }

    fn import_markers(
        &mut self,
        ctx: &Context,
        engine: &Engine,
        index: usize,
        (list, markers): (String, Vec<Marker>),
    ) {
        let video = &self.videos[index];
        let Some(footage) = video.footage() else { return };
        let selectors = mark_list::selectors(&markers, &[]);
        self.importing.push(Importing {
            video: video.path.clone(),
            list,
            markers,
            search: Search::start(engine, ctx, footage, selectors),
            marks: Vec::new(),
        });
    }

    /// Marks the file's own chapters.
    pub fn import_chapters(&mut self, ctx: &Context, engine: &Engine) {
        let video = self.videos.get(self.selected);
        let Some(info) = video.and_then(|video| video.info.as_ref()) else {
            return;
        };
        let chapters = ("the chapters".to_owned(), mark_list::chapters(info));
        self.import_markers(ctx, engine, self.selected, chapters);
    }

    /// Takes in the frames that were found.
    pub(super) fn update_imports(&mut self, ctx: &Context, commands: &Commands) {
        let mut importing = std::mem::take(&mut self.importing);
        importing.retain_mut(|import| match import.update(ctx) {
            None => true,
            Some(Ok(())) => {
                if let Some(video) = self.videos.iter_mut().find(|video| video.path == import.video) {
                    let count = import.marks.len();
                    video.marks.add_all(std::mem::take(&mut import.marks));
                    let text = format!("Marked {} of {}", counted(count, "frame"), import.list);
                    commands.send(Command::Offer {
                        text,
                        label: "Undo",
                        command: Box::new(Command::UndoInNew),
                    });
                }
                false
            }
            Some(Err(reason)) => {
                commands.send(Command::Complain(reason));
                false
            }
        });
        self.importing = importing;
    }
}

impl Importing {
    /// What came of it, once it is over.
    fn update(&mut self, ctx: &Context) -> Option<Result<(), String>> {
        while let Some(found) = self.search.next() {
            match found {
                Found::Frame(candidate) => {
                    let picture = ctx.load_texture("mark", candidate.picture, TextureOptions::LINEAR);
                    let mut mark = Mark::found(candidate.picked, candidate.flaw, Some(picture));
                    // Frames come in the order of the list.
                    if let Some(marker) = self.markers.get(self.marks.len()) {
                        mark.name.clone_from(&marker.name);
                        mark.note.clone_from(&marker.note);
                    }
                    self.marks.push(mark);
                }
                Found::Ended(Ok(())) => return Some(Ok(())),
                Found::Ended(Err(failure)) => {
                    let text = format!("{}: {}. {}", self.list, failure.text, failure.advice);
                    return Some(Err(capitalized(text.trim_end_matches(". "))));
                }
                Found::Opened(_) | Found::Still(_) | Found::Part(_) => {}
            }
        }
        None
    }
}

/// The button beside the heading, with its menu.
pub(super) fn menu_ui(ui: &mut Ui, video: &OpenVideo, commands: &Commands) {
    let label = "Lists of marks";
    let button = ui.add(InlineButton::new(label, icons::DOTS_THREE));
    menu(&button, MENU, |ui| {
        if menu_item(ui, icons::DOWNLOAD_SIMPLE, "Import marks…", "", false) {
            commands.send(Command::ImportMarks);
        }
        let chapters = video.info.as_ref().map_or(0, |info| info.chapters.len());
        let count = chapters.to_string();
        if chapters > 0 && menu_item(ui, icons::LIST, "Mark the chapters", &count, false) {
            commands.send(Command::ImportChapters);
        }
        if video.marks.all().is_empty() {
            return;
        }
        menu_line(ui);
        for format in Format::ALL {
            let detail = format!(".{}", format.extension());
            let words = format!("Export as {format}…");
            if menu_item(ui, icons::UPLOAD_SIMPLE, &words, &detail, false) {
                export(video, format, commands);
            }
        }
    });
}

/// Writes the marks of a video, and asks where to save them.
fn export(video: &OpenVideo, format: Format, commands: &Commands) {
    let timecodes = video.timecodes().ok();
    let marks = video.marks.all().iter().map(|mark| {
        let number = mark.number.or_else(|| video.number_of(time_at(mark.position)));
        let number = number.map(|number| number as u64);
        Written {
            file: None,
            position: mark.position,
            number,
            timecode: number
                .zip(timecodes)
                .map(|(number, timecodes)| timecodes.scale().timecode(number)),
            name: mark.name.clone(),
            note: mark.note.clone(),
        }
    });
    let marks: Vec<Written> = marks.collect();
    let title = video.path.file_stem().unwrap_or_default().to_string_lossy();
    let scale = timecodes.as_ref().map(Timecodes::scale);
    match posterframe_markers::write(format, &marks, &title, scale) {
        Ok(contents) => commands.send(Command::SaveContents {
            contents,
            name: format!("{title}-marks.{}", format.extension()),
        }),
        Err(error) => commands.send(Command::Complain(capitalized(&error.to_string()))),
    }
}
