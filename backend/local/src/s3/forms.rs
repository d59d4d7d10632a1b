//! Forms of a browser (`POST Object`): what S3 does with them before their policy is looked at.
//!
//! `s3s` checks the signature and the policy, and stores the file under the key as it stands in the form.

use std::ops::Range;

use base64_simd::STANDARD as BASE64;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use s3s::{S3Result, s3_error};
use time::PrimitiveDateTime;
use time::macros::format_description;

/// The largest file: it is held in memory, before anything tells who sent it.
pub(super) const MAX_FILE: usize = 64 << 20;

/// Room for the fields before the file, whose own limit S3 has at 20 KB.
const MAX_FIELDS: usize = 1 << 20;

/// What a key may have in place of the file's own name.
const FILE_NAME: &str = "${filename}";

/// Whether the request is a form.
pub(super) fn is_form(request: &Parts) -> bool {
    request.method == http::Method::POST && boundary(request).is_some()
}

fn boundary(request: &Parts) -> Option<&str> {
    let kind = request.headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let parameters = kind.strip_prefix("multipart/form-data")?;
    let value = parameters
        .split(';')
        .find_map(|pair| pair.trim().strip_prefix("boundary="))?;
    Some(value.trim_matches('"'))
}

/// Reads the form, with the file's name in its key where that asks for it.
pub(super) async fn read(request: &Parts, body: Incoming) -> S3Result<Bytes> {
    let body = Limited::new(body, MAX_FILE + MAX_FIELDS).collect().await;
    let body = body.map_err(|_| {
        s3_error!(
            EntityTooLarge,
            "The form was cut off, or its file is larger than {} MiB: put larger ones by a signed request",
            MAX_FILE >> 20
        )
    })?;
    let form = body.to_bytes();
    let fields = fields(&form, boundary(request).unwrap_or_default());
    let text = |name: &str| {
        let field = fields
            .iter()
            .find(|field| field.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(&form[field.value.clone()]).ok()
    };
    if let Some(policy) = text("policy") {
        check_end(policy)?;
    }
    let key = fields.iter().find(|field| field.name.eq_ignore_ascii_case("key"));
    let file = fields
        .iter()
        .find(|field| field.name.eq_ignore_ascii_case("file"));
    let file = file.and_then(|field| field.file_name);
    match (key, text("key"), file) {
        (Some(field), Some(key), Some(file)) if key.contains(FILE_NAME) => {
            let key = key.replace(FILE_NAME, file);
            let Range { start, end } = field.value;
            Ok([&form[..start], key.as_bytes(), &form[end..]].concat().into())
        }
        _ => Ok(form),
    }
}

/// A policy ends at a time that is written as S3 wants it; `s3s` reads other spellings too.
fn check_end(policy: &str) -> S3Result<()> {
    let json = BASE64.decode_to_vec(policy).unwrap_or_default();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap_or_default();
    let end = json.get("expiration").and_then(serde_json::Value::as_str);
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second][optional [.[subsecond]]]Z");
    match end.map(|end| PrimitiveDateTime::parse(end, format)) {
        Some(Err(_)) => Err(s3_error!(
            InvalidPolicyDocument,
            "Invalid Policy: Invalid 'expiration' value: it is to look like 2030-01-01T00:00:00Z"
        )),
        _ => Ok(()),
    }
}

/// One part of a form.
struct Field<'a> {
    name: &'a str,
    file_name: Option<&'a str>,
    value: Range<usize>,
}

/// The parts up to the file, which is the last that counts.
fn fields<'a>(form: &'a [u8], boundary: &str) -> Vec<Field<'a>> {
    let edge = format!("--{boundary}");
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(field) = find(form, edge.as_bytes(), at)
        && let start = field + edge.len()
        && let Some(blank) = find(form, b"\r\n\r\n", start)
        && let Ok(head) = std::str::from_utf8(&form[start..blank])
    {
        let begin = blank + 4;
        let disposition = head
            .lines()
            .find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"));
        let disposition = disposition.unwrap_or_default();
        let name = parameter(disposition, "name").unwrap_or_default();
        let file_name = parameter(disposition, "filename");
        let is_file = name.eq_ignore_ascii_case("file");
        let end = if is_file {
            Some(form.len())
        } else {
            find(form, format!("\r\n{edge}").as_bytes(), begin)
        };
        let Some(end) = end else { break };
        found.push(Field {
            name,
            file_name,
            value: begin..end,
        });
        if is_file {
            break;
        }
        at = end;
    }
    found
}

fn find(text: &[u8], wanted: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let found = rest.windows(wanted.len()).position(|here| here == wanted)?;
    Some(from + found)
}

fn parameter<'a>(disposition: &'a str, name: &str) -> Option<&'a str> {
    let mut parameters = disposition.split(';').skip(1).map(str::trim);
    let value = parameters.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    Some(value.trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if the file's name is not found, or a file that looks like a form is taken for its fields.
    #[test]
    fn fields_before_the_file() {
        let form = b"--e\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\na/${filename}\r\n\
            --e\r\ncontent-disposition: form-data; name=\"file\"; filename=\"cat.png\"\r\n\r\n\
            --e\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nother\r\n--e--\r\n";
        let fields = fields(form, "e");
        let names: Vec<_> = fields.iter().map(|field| (field.name, field.file_name)).collect();
        assert_eq!(names, [("key", None), ("file", Some("cat.png"))]);
        assert_eq!(&form[fields[0].value.clone()], b"a/${filename}");
    }

    // Breaks if a policy whose end S3 cannot read is taken here.
    #[test]
    fn ends_of_policies() {
        let check = |end: &str| check_end(&BASE64.encode_to_string(format!(r#"{{"expiration":"{end}"}}"#)));
        assert!(check("2030-01-01T00:00:00Z").is_ok());
        assert!(check("2030-01-01T00:00:00.000Z").is_ok());
        assert!(check("2030-01-01 00:00:00+00:00").is_err());
    }
}
