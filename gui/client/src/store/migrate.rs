//! Jobs as version 0.1 stored them: one frame each, with the thumbnail's metadata in place of a manifest.

use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};

/// Rewrites the jobs of a database of version 1, each as a job of one still: all of them, or none.
pub(super) fn from_version_1(connection: &Connection) -> Result<(), rusqlite::Error> {
    let transaction = connection.unchecked_transaction()?;
    for table in ["jobs", "unreadable_jobs"] {
        let mut statement = transaction.prepare(&format!("SELECT id, body FROM {table}"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            // What is no job stays as it is, and is set aside when it is read.
            let (Ok(id), Ok(body)) = (row.get::<_, String>(0), row.get_ref(1)?.as_bytes()) else {
                continue;
            };
            if let Some(new) = serde_json::from_slice(body).ok().and_then(|old| job(&id, old)) {
                let sql = format!("UPDATE {table} SET body = ?2 WHERE id = ?1");
                transaction.execute(&sql, params![id, new.to_string()])?;
            }
        }
    }
    transaction.commit()
}

/// `None` for what is no job of that version.
fn job(id: &str, mut old: Map<String, Value>) -> Option<Value> {
    let thumbnail_key = text(&old.remove("thumbnail_key")?);
    let (folder, file) = thumbnail_key.rsplit_once('/').unwrap_or(("", &thumbnail_key));
    let name = file.strip_suffix(".png").unwrap_or(file).to_owned();
    let manifest_key = format!(
        "{}/{id}/manifest.json",
        folder.rsplit_once('/').map_or(folder, |(above, _)| above)
    );
    let thumbnail = old.remove("thumbnail").filter(Value::is_object);
    let metadata = thumbnail
        .as_ref()
        .map(|thumbnail| thumbnail["metadata"].clone())
        .filter(Value::is_object);
    let mut take = |field: &str| old.remove(field).unwrap_or(Value::Null);
    let (sha256, libav, pixels) = (
        take("preview_sha256"),
        take("preview_libav"),
        take("preview_pixels"),
    );
    let preview = sha256
        .is_string()
        .then(|| json!({ "sha256": sha256, "libav": text(&libav), "pixels": pixels }));
    let (frame, files) = match (&thumbnail, &metadata) {
        (Some(thumbnail), Some(metadata)) => (
            json!({ "number": null, "time": metadata["frame_time"], "pts": metadata["frame_pts"],
                    "time_base": metadata["time_base"], "pixel_sha256": metadata["pixel_sha256"] }),
            json!([{
                "made": {
                    "key": thumbnail_key, "format": "png", "width": metadata["size"][0],
                    "height": metadata["size"][1], "pixel_format": text(&metadata["pixel_format"]),
                    "bytes": thumbnail["bytes"], "pixel_sha256": metadata["pixel_sha256"],
                },
                "path": thumbnail["file"],
            }]),
        ),
        // A picture of which nothing is known but that it is there.
        (Some(thumbnail), None) => (
            Value::Null,
            json!([{
                "made": { "key": thumbnail_key, "format": "png", "width": 0, "height": 0, "pixel_format": "",
                          "bytes": thumbnail["bytes"], "pixel_sha256": "" },
                "path": thumbnail["file"],
            }]),
        ),
        (None, _) => (Value::Null, json!([])),
    };
    let still = json!({
        "position": take("position"), "number": take("frame_number"), "preview": preview,
        "picture": take("still"), "frame": frame, "files": files,
        "verdict": thumbnail.as_ref().map(|thumbnail| thumbnail["verdict"].clone()), "error": null,
    });
    let made_by = metadata.map(|metadata| {
        json!({ "libav_version": metadata["libav_version"], "worker_version": metadata["worker_version"] })
    });
    let video_key = take("upload_key");
    take("upload_of");
    let new = json!({
        "name": name, "stills": [still], "outputs": [{ "format": "png" }], "video_key": video_key,
        "video_etag": null, "request_key": null, "manifest_key": manifest_key, "stills_done": 0, "read": null,
        "made_by": made_by,
    });
    old.extend(new.as_object().cloned().unwrap_or_default());
    Some(Value::Object(old))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::database::Store;
    use super::*;
    use crate::model::{JobState, Verdict};

    // Breaks if the jobs of the version before this one are lost, lose their result, or are taken for something else.
    #[test]
    fn the_version_before_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("history.db");
        let connection = Connection::open(&file).unwrap();
        connection.execute_batch(include_str!("history-0.1.sql")).unwrap();
        drop(connection);
        for _ in 0..2 {
            let stored = Store::open(&file).unwrap().jobs().unwrap();
            assert_eq!(stored.set_aside, None);
            let [done, stopped] = stored.jobs.as_slice() else {
                panic!("{:?}", stored.jobs)
            };
            assert_eq!((done.state, done.name.as_str()), (JobState::Done, "bunny"));
            let still = &done.stills[0];
            assert_eq!(
                (still.position.to_string().as_str(), still.number),
                ("00:00:01.520", Some(38))
            );
            assert_eq!(still.verdict, Some(Verdict::Identical));
            let made = &still.files[0].made;
            assert_eq!(made.key, format!("thumbnails/{}/bunny.png", done.id));
            assert_eq!(
                Some(&made.pixel_sha256),
                still.preview.as_ref().map(|preview| &preview.sha256)
            );
            assert_eq!(
                (made.width, made.height, made.pixel_format.as_str()),
                (320, 180, "rgb8")
            );
            assert_eq!(
                still.files[0].path,
                Path::new("/data/thumbnails").join(format!("{}-1.png", done.id))
            );
            assert_eq!(done.manifest_key, format!("thumbnails/{}/manifest.json", done.id));
            assert_eq!(stopped.state, JobState::Stopped);
            assert!(stopped.stills[0].files.is_empty() && stopped.stills[0].verdict.is_none());
        }
    }
}
