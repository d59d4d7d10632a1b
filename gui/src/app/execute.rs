//! The execution of all commands that views send.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use egui::ViewportCommand;
use posterframe_client::{Client, ClientError, DeletionId, ErrorText, GalleryItem, capitalized};

use super::dialogs::ToSave;
use super::{App, dialogs, files};
use crate::context::{Command, Commands, View};
use crate::distant::{self, Location};
use crate::mark_list::MarkList;
use crate::{picture_file, sample};

impl App {
    /// Executes all pending commands.
    pub(super) fn execute_all(&mut self, ctx: &egui::Context) {
        while let Some(command) = self.commands.next() {
            self.execute(ctx, command);
        }
    }

    fn execute(&mut self, ctx: &egui::Context, command: Command) {
        match command {
            Command::Show(view) => self.view = view,
            Command::OpenFiles => {
                dialogs::open_files(
                    &self.engine,
                    &self.commands,
                    self.preferences.last_folder.as_deref(),
                );
            }
            Command::OpenBucket => {
                self.bucket.get_or_insert_default();
            }
            Command::CloseBucket => self.bucket = None,
            Command::OpenPaths(paths) => self.open(ctx, &paths),
            Command::OpenBatch { name, videos } => {
                self.view = View::New;
                self.new.open_batch(name, videos);
            }
            Command::ReopenBatch => {
                self.view = View::New;
                self.new.reopen_batch();
            }
            Command::OpenVideos(paths) => self.open_videos(ctx, &paths),
            Command::HandedOver(paths) => {
                ctx.send_viewport_cmd(ViewportCommand::Minimized(false));
                ctx.send_viewport_cmd(ViewportCommand::Focus);
                if !paths.is_empty() {
                    self.open(ctx, &paths);
                }
            }
            Command::OpenSample => self.open_sample(),
            Command::OpenAt { video, position } => {
                self.view = View::New;
                let cache = self.preferences.cache_bytes();
                match Location::try_from(video.as_path()) {
                    Ok(video) => self.new.open(ctx, video, Some(position), cache),
                    Err(error) => self.toasts.complain(capitalized(&format!("{error:#}"))),
                }
            }
            Command::Submit { video, frames } => {
                self.new.submit(
                    ctx,
                    (
                        video,
                        frames,
                        self.preferences.outputs.clone(),
                        self.preferences.sheets.clone(),
                    ),
                    &self.engine,
                    (self.client.as_ref(), &self.paths),
                    self.preferences.makes_here,
                );
            }
            Command::UndoInNew => {
                self.view = View::New;
                self.new.undo(&mut self.preferences, true);
            }
            Command::ShowJob(id) => {
                self.view = View::Jobs;
                self.jobs.select(id);
            }
            Command::ShowInGallery(key) => {
                self.view = View::Gallery;
                self.gallery.select(key);
            }
            Command::RevealFile(file) => dialogs::reveal(&self.engine, &self.commands, file),
            Command::SaveAs { file, name } => {
                dialogs::save_as(&self.engine, &self.commands, file, self.saving(&name));
            }
            Command::SaveText { text, name } => {
                dialogs::save_text(&self.engine, &self.commands, text, self.saving(&name));
            }
            Command::SaveContents { contents, name } => {
                dialogs::save_contents(&self.engine, &self.commands, contents, self.saving(&name));
            }
            Command::ImportMarks => {
                let folder = self.preferences.last_folder.as_deref();
                dialogs::pick_marks(&self.engine, &self.commands, folder);
            }
            Command::ReadMarks(list) => self.read_marks(list),
            Command::Marks(list) => {
                self.view = View::New;
                self.open_listed(ctx, &list);
                self.new.import(ctx, &self.engine, &list, &self.commands);
            }
            Command::ImportChapters => self.new.import_chapters(ctx, &self.engine),
            Command::OpenFile(file) => dialogs::open(&self.engine, &self.commands, file),
            Command::OpenFolder(folder) => dialogs::open_folder(&self.engine, &self.commands, folder),
            Command::Saved { file, name } => {
                self.preferences.save_folder = file.parent().map(Path::to_owned);
                self.toasts.tell(format!("Saved {name}"));
            }
            Command::CopyImage(file) => self.copy_image(ctx, file),
            Command::CopyText(text) => ctx.copy_text(text),
            Command::Stop(id) => self.ask_client(async move |client| client.stop(id).await),
            Command::Pause(id) => self.ask_client(async move |client| client.pause(id).await),
            Command::Resume(id) => self.ask_client(async move |client| client.resume(id).await),
            Command::Retry(id) => self.with_client(move |client| client.retry(id)),
            Command::Forget(ids) => self.forget(ids),
            Command::Unforget(ids) => {
                self.forgetting.take_back(&ids);
                self.jobs.unhide(&ids);
            }
            Command::DeleteThumbnails { items, undoable } => self.delete(items, undoable),
            Command::UndoDelete(deletion) => self.undo_delete(deletion),
            Command::SaveThumbnails(items) => {
                if let Some(client) = &self.client {
                    let gallery = client.gallery();
                    let pictures = items.into_iter();
                    self.save_all(
                        pictures
                            .map(|item| ToSave::Thumbnail(gallery.clone(), item))
                            .collect(),
                    );
                }
            }
            Command::SaveFiles(files) => self.save_all(files.into_iter().map(ToSave::File).collect()),
            Command::SavedTo { folder, count } => {
                self.toasts
                    .tell(format!("Saved {} to {}", thumbnails(count), folder.display()));
                self.preferences.save_folder = Some(folder);
            }
            Command::OpenSettings => self.open_settings(),
            Command::CloseSettings => self.settings = None,
            Command::UseBackend(name) => {
                self.service.switch(&self.engine, ctx, name);
                self.forget_views();
            }
            Command::RestartBackend => {
                self.service.restart(&self.engine, ctx);
                self.forget_views();
            }
            Command::ImportOutputs => dialogs::pick_outputs(&self.engine, &self.commands),
            Command::Imported { text, name } => {
                if let Some(settings) = &mut self.settings {
                    settings.import(text, name);
                }
            }
            Command::LimitCache => {
                let limit = self.preferences.picture_cache;
                self.with_client(move |client| {
                    client.gallery().set_cache_limit(limit);
                    Ok(())
                });
            }
            Command::ClearCache => {
                let videos = distant::cache(&self.paths, distant::CACHE_BYTES);
                self.clear(move |client| {
                    client.gallery().clear_cache()?;
                    videos.clear().map_err(|error| ClientError::Folder {
                        path: videos.folder().to_owned(),
                        reason: error.to_string(),
                    })?;
                    Ok("Cleared the cache".to_owned())
                });
            }
            Command::ForgetEnded => self.clear(|client| {
                let ended: Vec<_> = client
                    .jobs()
                    .iter()
                    .filter(|job| job.state.is_ended())
                    .map(|job| job.id)
                    .collect();
                for id in &ended {
                    client.forget(*id)?;
                }
                Ok(match ended.len() {
                    1 => "Forgot 1 job".to_owned(),
                    count => format!("Forgot {count} jobs"),
                })
            }),
            Command::Cleared(text) => {
                self.toasts.tell(text);
                if let Some(settings) = &mut self.settings {
                    settings.cleared();
                }
            }
            Command::SetScale(scale) => {
                self.preferences.scale = scale;
                ctx.set_zoom_factor(scale);
            }
            Command::SetTheme(mode) => {
                self.preferences.theme = mode;
                posterframe_kit::theme::set_mode(ctx, mode);
            }
            Command::Toast(text) => self.toasts.tell(text),
            Command::Offer { text, label, command } => self.toasts.offer(text, label, *command),
            Command::Complain(text) => self.toasts.complain(text),
        }
    }

    fn saving<'a>(&'a self, name: &'a str) -> dialogs::Saving<'a> {
        let jobs = self.client.iter().flat_map(|client| client.jobs().to_vec());
        let mut videos: Vec<PathBuf> = jobs.map(|job| job.video.path.clone()).collect();
        videos.extend(self.new.paths().map(Path::to_owned));
        videos.sort_unstable();
        videos.dedup();
        dialogs::Saving {
            name,
            folder: self.preferences.save_folder.as_deref(),
            videos,
        }
    }

    fn save_all(&self, pictures: Vec<ToSave>) {
        let folder = self.preferences.save_folder.as_deref();
        dialogs::save_all(&self.engine, &self.commands, pictures, folder);
    }

    /// Opens videos, and the videos in folders, in New.
    pub(super) fn open(&mut self, ctx: &egui::Context, paths: &[PathBuf]) {
        if paths
            .iter()
            .all(|path| files::is_video(path) || distant::is_distant(path))
        {
            return self.open_videos(ctx, paths);
        }
        // A path without a video's extension may be a folder. Reading the disk would block the window's thread.
        let (paths, commands) = (paths.to_owned(), self.commands.clone());
        self.engine.spawn_blocking(move || {
            let found = files::find(&paths);
            for complaint in found.complaints {
                commands.send(Command::Complain(complaint));
            }
            commands.send(match found.batch {
                Some(name) => Command::OpenBatch {
                    name,
                    videos: files::with_sizes(found.videos),
                },
                None => Command::OpenVideos(found.videos),
            });
            for list in found.marks {
                commands.send(Command::ReadMarks(list));
            }
        });
    }

    fn open_videos(&mut self, ctx: &egui::Context, paths: &[PathBuf]) {
        let mut videos = Vec::new();
        for path in paths {
            match Location::try_from(path.as_path()) {
                Ok(video) => videos.push(video),
                Err(error) => self.toasts.complain(capitalized(&format!("{error:#}"))),
            }
        }
        let Some(first) = videos.first() else { return };
        self.view = View::New;
        if let Location::File(first) = first {
            self.preferences.last_folder = first.parent().map(Path::to_owned);
        }
        for place in videos.iter().rev().filter_map(Location::place) {
            self.preferences.opened_place(place);
        }
        let cache = self.preferences.cache_bytes();
        self.new.open_all(ctx, &videos, cache);
    }

    /// Reads a list of marks off the window's thread.
    fn read_marks(&self, list: PathBuf) {
        let commands = self.commands.clone();
        self.engine.spawn_blocking(move || {
            commands.send(match MarkList::open(&list, None) {
                Ok(list) => Command::Marks(Box::new(list)),
                Err(error) => Command::Complain(capitalized(&format!("{error:#}"))),
            });
        });
    }

    /// Opens the videos that a list of marks names.
    fn open_listed(&mut self, ctx: &egui::Context, list: &MarkList) {
        let open: Vec<PathBuf> = self.new.paths().map(Path::to_owned).collect();
        let is_open = |video: &PathBuf| open.iter().any(|open| open.file_name() == video.file_name());
        let videos = list.videos().into_iter();
        let new: Vec<PathBuf> = videos
            .filter(|video| !is_open(video))
            .take(files::MAX_TABS)
            .collect();
        self.open_videos(ctx, &new);
    }

    fn open_sample(&self) {
        let (paths, commands) = (self.paths.clone(), self.commands.clone());
        self.engine.spawn_blocking(move || {
            commands.send(match sample::file(&paths) {
                Ok(file) => Command::OpenPaths(vec![file]),
                Err(error) => Command::Complain(format!(
                    "The sample clip cannot be unpacked ({error}). Check that the disk is not full"
                )),
            });
        });
    }

    fn copy_image(&self, ctx: &egui::Context, file: PathBuf) {
        let (ctx, commands) = (ctx.clone(), self.commands.clone());
        self.engine.spawn_blocking(move || match picture(&file) {
            Ok(picture) => {
                ctx.copy_image(picture);
                commands.send(Command::Toast("Copied the picture".to_owned()));
            }
            Err(reason) => commands.send(Command::Complain(format!(
                "The picture cannot be copied: {reason}"
            ))),
        });
    }

    fn delete(&self, items: Vec<Arc<GalleryItem>>, undoable: bool) {
        let Some(client) = self.client.clone() else { return };
        let commands = self.commands.clone();
        self.engine.spawn(async move {
            match client.gallery().delete(&items, undoable).await {
                Ok(Some(deletion)) => commands.send(Command::Offer {
                    text: format!("Deleted {}", thumbnails(items.len())),
                    label: "Undo",
                    command: Box::new(Command::UndoDelete(deletion)),
                }),
                Ok(None) => commands.send(Command::Toast(format!("Deleted {}", thumbnails(items.len())))),
                Err(error) => complain(&commands, Err(error)),
            }
        });
    }

    fn undo_delete(&self, deletion: DeletionId) {
        let Some(client) = self.client.clone() else { return };
        let commands = self.commands.clone();
        self.engine.spawn(async move {
            match client.gallery().restore(deletion).await {
                Ok(count) => commands.send(Command::Toast(format!("Put {} back", thumbnails(count)))),
                Err(error) => complain(&commands, Err(error)),
            }
        });
    }

    /// Runs a client call that waits for the network, on the engine's threads.
    fn ask_client<F>(&self, work: impl FnOnce(Client) -> F)
    where
        F: Future<Output = Result<(), ClientError>> + Send + 'static,
    {
        let Some(client) = self.client.clone() else { return };
        let commands = self.commands.clone();
        let work = work(client);
        self.engine.spawn(async move { complain(&commands, work.await) });
    }

    /// Runs a clearing call off the window's thread, and reports its result.
    fn clear(&self, work: impl FnOnce(&Client) -> Result<String, ClientError> + Send + 'static) {
        let Some(client) = self.client.clone() else { return };
        let commands = self.commands.clone();
        self.engine.spawn_blocking(move || match work(&client) {
            Ok(text) => commands.send(Command::Cleared(text)),
            Err(error) => complain(&commands, Err(error)),
        });
    }

    /// Runs a client call that may read or write the disk, off the window's thread.
    fn with_client(&self, work: impl FnOnce(&Client) -> Result<(), ClientError> + Send + 'static) {
        let Some(client) = self.client.clone() else { return };
        let commands = self.commands.clone();
        self.engine
            .spawn_blocking(move || complain(&commands, work(&client)));
    }
}

pub(super) fn thumbnails(count: usize) -> String {
    if count == 1 {
        "1 thumbnail".to_owned()
    } else {
        format!("{count} thumbnails")
    }
}

pub(super) fn complain(commands: &Commands, result: Result<(), ClientError>) {
    if let Err(error) = result {
        commands.send(Command::Complain(ErrorText::of(&error).to_string()));
    }
}

fn picture(file: &Path) -> Result<egui::ColorImage, String> {
    let image = picture_file::for_screen(file)?;
    let size = [image.width() as usize, image.height() as usize];
    Ok(egui::ColorImage::from_rgba_unmultiplied(
        size,
        &image.into_rgba8(),
    ))
}
