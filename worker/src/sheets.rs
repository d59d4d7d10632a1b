//! From a sheet's pictures and cues to its files in the bucket.

use posterframe_contract::{ManifestFile, ManifestSheet, ManifestVtt};
use tracing::{error, info};

use crate::error::TaskError;
use crate::plan::Plan;
use crate::sending::Sending;
use crate::sheet::{SheetFacts, SheetPicture};
use crate::stills::still_error;

const VTT_MEDIA_TYPE: &str = "text/vtt; charset=utf-8";

/// The sheets of a job, as they come.
pub(crate) struct Sheets<'a> {
    plan: &'a Plan,
    made: Vec<Made>,
}

struct Made {
    sheet: ManifestSheet,
    is_over: bool,
}

impl Made {
    /// Notes why it is not made, or not whole: the first reason stays.
    fn fail(&mut self, error: &TaskError) {
        error!("{error}");
        self.sheet.error.get_or_insert(still_error(error));
    }
}

impl<'a> Sheets<'a> {
    pub(crate) fn new(plan: &'a Plan) -> Self {
        let sheets = plan.request.sheets.iter().map(|request| Made {
            sheet: ManifestSheet {
                request: request.clone(),
                tiles: 0,
                tile: (0, 0),
                files: Vec::new(),
                vtt: None,
                error: None,
            },
            is_over: false,
        });
        let made = sheets.collect();
        Self { plan, made }
    }

    /// Sends a picture of a sheet on its way.
    pub(crate) async fn add(
        &mut self,
        sending: &mut Sending,
        index: usize,
        picture: SheetPicture,
    ) -> Result<(), TaskError> {
        let format = self.plan.request.sheets[index].format;
        let made = &mut self.made[index];
        let name = self
            .plan
            .request
            .sheet_names(index)
            .picture(made.sheet.files.len(), format);
        let object = self.plan.folder.file(&name);
        if let Err(error) = sending.claim(&object) {
            made.fail(&error);
            return Ok(());
        }
        let (width, height) = picture.size;
        let bytes = picture.encoded.bytes;
        info!(
            "{} sheet {width} × {height}, {} bytes, sha256 {} of the pixels",
            format.label(),
            bytes.len(),
            picture.pixel_sha256
        );
        made.sheet.files.push(ManifestFile {
            key: object.key.clone(),
            format,
            width,
            height,
            pixel_format: picture.pixel_format.to_owned(),
            bytes: bytes.len() as u64,
            pixel_sha256: picture.pixel_sha256,
            quality: picture.encoded.quality,
            deinterlaced: false,
        });
        sending
            .send(object, format.media_type(), bytes.into(), None)
            .await
    }

    /// Sends a sheet's cues on their way, or notes why it was not made.
    pub(crate) async fn end(
        &mut self,
        sending: &mut Sending,
        index: usize,
        facts: Result<SheetFacts, TaskError>,
    ) -> Result<(), TaskError> {
        let made = &mut self.made[index];
        made.is_over = true;
        let facts = match facts {
            Ok(facts) => facts,
            Err(error) => {
                made.fail(&error);
                return Ok(());
            }
        };
        let (width, height) = facts.tile;
        info!("sheet: {} tiles of {width} × {height}", facts.tiles);
        (made.sheet.tiles, made.sheet.tile) = (facts.tiles, facts.tile);
        let Some(text) = facts.vtt else { return Ok(()) };
        let object = self.plan.folder.file(&self.plan.request.sheet_names(index).vtt());
        if let Err(error) = sending.claim(&object) {
            made.fail(&error);
            return Ok(());
        }
        made.sheet.vtt = Some(ManifestVtt {
            key: object.key.clone(),
            bytes: text.len() as u64,
        });
        sending.send(object, VTT_MEDIA_TYPE, text.into(), None).await
    }

    /// All sheets in the request's order. Those that never came are missing because of `error`.
    pub(crate) fn finish(self, error: &TaskError) -> Vec<ManifestSheet> {
        let sheet = |Made { mut sheet, is_over }: Made| {
            if !is_over {
                sheet.error.get_or_insert(still_error(error));
            }
            sheet
        };
        self.made.into_iter().map(sheet).collect()
    }
}
