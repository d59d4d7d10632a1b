//! Pictures and manifests in, URLs in the log.

use crate::support::{Function, JOB, created};

// Breaks if a picture's or a manifest's line lacks its job or a URL that leads to it, or one odd record hides the others.
#[test]
fn the_url_of_each_file() {
    let function = Function::thumbnail_trigger();
    let key = format!("thumbnails/{JOB}/a+clip+%C3%A9.png");
    let event = created(&[(&key, "0A"), ("thumbnails/%FF.png", "0B")]);
    let answer = function.invoke(event);
    assert!(answer.is_ok(), "{answer:?}");
    let manifest = format!("thumbnails/{JOB}/manifest.json");
    function
        .invoke(created(&[
            (&key, "0A"),
            ("thumbnails/test.png", "0B"),
            (&manifest, "0C"),
            ("thumbnails/by+hand/manifest.json", "0D"),
        ]))
        .unwrap();
    let log = function.log();
    for line in [
        format!(
            "INFO job{{id={JOB}}}: new thumbnail, 7 bytes: \
             https://films.s3.eu-west-1.amazonaws.com/thumbnails/{JOB}/a%20clip%20%C3%A9.png"
        ),
        "https://films.s3.eu-west-1.amazonaws.com/thumbnails/test.png".to_owned(),
        format!(
            "INFO job{{id={JOB}}}: new manifest, 7 bytes: \
             https://films.s3.eu-west-1.amazonaws.com/thumbnails/{JOB}/manifest.json"
        ),
        ": new manifest, 7 bytes: https://films.s3.eu-west-1.amazonaws.com/thumbnails/by%20hand/manifest.json".to_owned(),
        "is not UTF-8".to_owned(),
    ] {
        assert!(log.contains(&line), "no “{line}” in:\n{log}");
    }
}
