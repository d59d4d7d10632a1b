//! `posterframe frame`: extracts frames into files on this computer, with the same library as the worker.

mod args;
mod input;
mod place;
mod save;
mod sheets;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use posterframe_contract::{Position, TaskExit};
use posterframe_frame::{Track, Video};
use serde_json::{Value, json};

pub(super) use args::FrameArgs;
use input::Input;
use place::Wanted;
use save::{Failed, Saved, SavedFile, Saving};
use sheets::{SavedSheet, WantedSheet};

use super::files::options_for;
use super::report::put_path;
use super::say::say;
use super::{Common, complain, remote, stdin, warn_of_colours};
use crate::{distant, mark_list, select};

pub(super) fn run(common: &Common, args: &FrameArgs) -> anyhow::Result<ExitCode> {
    let list = args.select.marks.list()?;
    let outputs = args.outputs(common)?;
    let outputs = match &list {
        Some(list) => list.outputs(outputs),
        None => outputs,
    };
    let failed = || format!("{} failed", distant::shown(&args.video));
    // An output that cannot be written is refused before the work begins.
    if let (Some(out), false) = (&args.out, args.is_folder(&outputs)) {
        args.way_to(out)?;
    }
    let input = match distant::place(&args.video)? {
        Some(place) => match remote::open(common, &args.remote, &place) {
            Ok(opened) => Input::remote(opened),
            Err(error) => {
                let exit = error.downcast_ref().map(remote::exit);
                complain(&error.context(failed()));
                return Ok(exit.map_or(ExitCode::FAILURE, |exit| ExitCode::from(exit.code())));
            }
        },
        None if stdin::is_meant(&args.video) => Input::Copy(stdin::copy(args.stdin_limit)?),
        None => Input::File(args.video.clone()),
    };
    let options = options_for(&outputs, args.interpret.interpretation());
    let open = || Ok(Video::open_with(input.source()?, options.clone())?);
    let info = || Ok(open()?.info().clone());
    let marks = list.map_or(Ok(Vec::new()), |list| list.of(&args.video, info));
    let marks = marks.with_context(failed)?;
    let selectors = mark_list::selectors(&marks, &args.select.selectors());
    let picked = select::frames(&selectors, open);
    let picked = picked.map_err(|error| input.take_error().map_or(error, anyhow::Error::new));
    let picked = picked.with_context(failed)?;
    let positions: Vec<Position> = picked.iter().map(|picked| picked.position).collect();
    let folder = args.folder(&outputs)?;
    let mut wanted = args.wanted(&input, folder, &positions, &outputs)?;
    for (wanted, mark) in wanted.iter_mut().zip(&marks) {
        wanted.name = mark_list::some(&mark.name);
        wanted.note = mark_list::some(&mark.note);
    }
    let wanted_sheets = sheets::wanted(args, &input, folder)?;
    let (tracks, results, sheets) = match Video::open_with(input.source()?, options.clone()) {
        Ok(video) => {
            warn_of_colours(video.info());
            let tracks = video.info().tracks.clone();
            let (results, sheets) = all(args, &input, video, &wanted, &wanted_sheets);
            (tracks, results, sheets)
        }
        Err(error) => {
            let exit = Failed::of(&input, error);
            if args.json {
                print_json(args, &input, &[], (&wanted, &[]), &[], Some(&exit.error));
            }
            complain(&exit.error.context(failed()));
            return Ok(ExitCode::from(exit.exit.code()));
        }
    };
    if args.json {
        print_json(args, &input, &tracks, (&wanted, &results), &sheets, None);
    }
    let (mut exits, mut failures) = (Vec::new(), Vec::new());
    for (wanted, result) in wanted.iter().zip(results) {
        match result {
            Ok(saved) => {
                for file in saved.files.iter().filter(|file| !args.json && !file.is_streamed) {
                    let (width, height) = file.size;
                    say!(
                        "{}: the frame at {}, {width} × {height}",
                        file.path.display(),
                        saved.time
                    );
                }
                exits.push(saved.failed.as_ref().map(|failed| failed.exit));
                failures.extend(saved.failed.map(|failed| (wanted.position, failed.error)));
            }
            Err(Failed { error, exit }) => {
                exits.push(Some(exit));
                failures.push((wanted.position, error));
            }
        }
    }
    for sheet in sheets {
        for file in sheet.files.iter().filter(|_| !args.json) {
            let (width, height) = file.size;
            let tiles = sheet.facts.as_ref().map_or(0, |facts| facts.tiles);
            say!(
                "{}: a sheet of {tiles} tiles, {width} × {height}",
                file.path.display()
            );
        }
        if let Some(vtt) = sheet.vtt.filter(|_| !args.json) {
            say!("{}: its cues", vtt.display());
        }
        exits.push(sheet.failed.as_ref().map(|failed| failed.exit));
        if let Some(of_sheet) = sheet.failed {
            complain(&of_sheet.error.context(failed()));
        }
    }
    for (position, error) in failures {
        let place = match positions.len() {
            1 => failed(),
            _ => format!("{}, the frame at {position}", failed()),
        };
        complain(&error.context(place));
    }
    if let Some(receipt) = input.distant().and_then(|source| distant::receipt(&source))
        && !args.json
    {
        // Standard output may be a picture.
        eprintln!("{receipt}");
    }
    Ok(ExitCode::from(TaskExit::of_stills(exits).code()))
}

/// All files, in one way through the video for the frames and one for each sheet.
fn all(
    args: &FrameArgs,
    input: &Input,
    mut video: Video,
    wanted: &[Wanted],
    sheets: &[WantedSheet],
) -> (Vec<Result<Saved, Failed>>, Vec<SavedSheet>) {
    let saving = Saving::of(args, input);
    if let ([wanted], []) = (wanted, sheets) {
        return (vec![saving.one(video, wanted)], Vec::new());
    }
    let stills = saving.all(&mut video, wanted);
    let sheets = sheets.iter().map(|sheet| {
        let mut saved = sheet.save(args, &mut video);
        if let Some(error) = input.take_error() {
            saved.failed = Some(error.into());
        }
        saved
    });
    (stills, sheets.collect())
}

/// The same fields as `submit --json` has for them.
fn print_json(
    args: &FrameArgs,
    input: &Input,
    tracks: &[Track],
    (wanted, results): (&[Wanted], &[Result<Saved, Failed>]),
    sheets: &[SavedSheet],
    error: Option<&anyhow::Error>,
) {
    let file = |saved: &SavedFile| {
        let (width, height) = saved.size;
        let mut file = json!({ "format": saved.format, "width": width, "height": height, "bytes": saved.bytes,
                               "pixel_sha256": saved.pixel_sha256, "quality": saved.quality,
                               "deinterlaced": saved.deinterlaced });
        put_path(&mut file, "file", Some(&saved.path));
        file
    };
    let stills = wanted.iter().zip(results).map(|(wanted, result)| {
        let saved = result.as_ref().ok();
        let failed = match result {
            Ok(saved) => saved.failed.as_ref(),
            Err(failed) => Some(failed),
        };
        let files = saved.map(|saved| saved.files.iter().map(file).collect::<Vec<_>>());
        json!({ "position": wanted.position, "number": saved.and_then(|saved| saved.number),
                "name": wanted.name, "note": wanted.note,
                "timecode": saved.and_then(|saved| saved.timecode),
                "frame_time": saved.map(|saved| saved.time), "files": files.unwrap_or_default(),
                "error": failed.map(|failed| format!("{:#}", failed.error)) })
    });
    let stills: Vec<Value> = stills.collect();
    let sheets: Vec<Value> = sheets.iter().map(|sheet| sheet.to_json(file)).collect();
    let read = input
        .distant()
        .map_or(Value::Null, |source| remote::read_json(&source));
    let tracks: Vec<Value> = tracks.iter().map(track_json).collect();
    let mut object = json!({ "stills": stills, "sheets": sheets, "tracks": tracks,
                             "interpretation": args.interpret.interpretation(), "read": read,
                             "error": error.map(|error| format!("{error:#}")) });
    let distant = input.distant().map(|source| PathBuf::from(source.name()));
    put_path(
        &mut object,
        "video",
        Some(distant.as_ref().unwrap_or(&args.video)),
    );
    say!("{object}");
}

fn track_json(track: &Track) -> Value {
    json!({ "track": track.number, "codec": track.codec, "width": track.width, "height": track.height,
            "frame_rate": track.frame_rate.map(|(numerator, denominator)| format!("{numerator}/{denominator}")),
            "title": track.title, "shown": track.is_shown })
}
