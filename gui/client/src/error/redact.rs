//! Text without what would let someone in: for all that is shown, kept or copied of what others wrote.

use std::borrow::Cow;

const HIDDEN: &str = "[hidden]";

/// Names whose value is a secret, in lower case. What follows them, after `=`, `:` or a quote, is hidden.
const NAMES: [&str; 14] = [
    "x-amz-signature",
    "x-amz-credential",
    "x-amz-security-token",
    "awsaccesskeyid",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_access_key_id",
    "secretaccesskey",
    "sessiontoken",
    "accesskeyid",
    "signature",
    "authorization",
    "password",
    "access_token",
];
/// How access keys begin, long-lived and temporary.
const KEYS: [&str; 4] = ["AKIA", "ASIA", "AROA", "AIDA"];
/// How long they are.
const KEY_LENGTH: usize = 20;

/// The text with presigned queries, access keys, tokens and passwords hidden.
pub fn redact(text: &str) -> Cow<'_, str> {
    let lower = text.to_ascii_lowercase();
    let mut hidden: Vec<(usize, usize)> = Vec::new();
    for name in NAMES {
        for (at, _) in lower.match_indices(name) {
            hidden.extend(value_after(text, at + name.len()));
        }
    }
    for prefix in KEYS {
        hidden.extend(text.match_indices(prefix).filter_map(|(at, _)| key_at(text, at)));
    }
    hidden.extend(
        text.match_indices("://")
            .filter_map(|(at, _)| user_after(text, at + 3)),
    );
    // JSON web tokens: three parts, of which the first begins so.
    hidden.extend(text.match_indices("eyJ").filter_map(|(at, _)| {
        let end = at
            + word(&text[at..], |c| {
                c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
            });
        (text[at..end].matches('.').count() == 2).then_some((at, end))
    }));
    if hidden.is_empty() {
        return Cow::Borrowed(text);
    }
    hidden.sort_unstable();
    let mut safe = String::with_capacity(text.len());
    let mut at = 0;
    for (start, end) in hidden {
        if start >= at {
            safe.push_str(&text[at..start]);
            safe.push_str(HIDDEN);
        }
        at = at.max(end);
    }
    safe.push_str(&text[at..]);
    Cow::Owned(safe)
}

/// Length of the run at the start of `text` whose characters are all taken.
fn word(text: &str, taken: impl Fn(char) -> bool) -> usize {
    text.find(|c| !taken(c)).unwrap_or(text.len())
}

/// Where the value lies that belongs to a name which ends at `at`.
fn value_after(text: &str, at: usize) -> Option<(usize, usize)> {
    let between = word(&text[at..], |c| matches!(c, '=' | ':' | '"' | '\'' | ' '));
    let sign = text[at..at + between].contains(['=', ':']);
    let start = at + between;
    // “Authorization: AWS4-HMAC-SHA256 Credential=…, Signature=…” is a value to the end of its line.
    let line = text[..at].to_ascii_lowercase().ends_with("authorization");
    let length = word(&text[start..], |c| {
        if line {
            !matches!(c, '\n' | '"')
        } else {
            !c.is_whitespace() && !matches!(c, '&' | '"' | '\'' | ',' | ';' | '<' | ')')
        }
    });
    (sign && length > 0).then_some((start, start + length))
}

fn key_at(text: &str, at: usize) -> Option<(usize, usize)> {
    let length = word(&text[at..], |c| c.is_ascii_uppercase() || c.is_ascii_digit());
    let alone = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric());
    (alone && length >= KEY_LENGTH).then_some((at, at + length))
}

/// A name and password before a host.
fn user_after(text: &str, at: usize) -> Option<(usize, usize)> {
    let length = word(&text[at..], |c| {
        !c.is_whitespace() && !matches!(c, '/' | '?' | '"' | '\'')
    });
    let authority = &text[at..at + length];
    let user = authority.rfind('@')?;
    authority[..user].contains(':').then_some((at, at + user))
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a copied report lets its reader into the bucket.
    #[test]
    fn secrets_are_hidden() {
        for (text, safe) in [
            (
                "GET https://b.s3.amazonaws.com/k?X-Amz-Credential=ASIAQWERTYUIOPASDFGH%2F20261125%2Feu&X-Amz-Expires=60&X-Amz-Signature=9f2c&x=1",
                "GET https://b.s3.amazonaws.com/k?X-Amz-Credential=[hidden]&X-Amz-Expires=60&X-Amz-Signature=[hidden]&x=1",
            ),
            (
                "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG and more",
                "AWS_SECRET_ACCESS_KEY=[hidden] and more",
            ),
            (
                r#"{"SessionToken": "IQoJb3JpZ2lu", "a": 1}"#,
                r#"{"SessionToken": "[hidden]", "a": 1}"#,
            ),
            (
                "The key AKIAIOSFODNN7EXAMPLE is unknown",
                "The key [hidden] is unknown",
            ),
            (
                "Authorization: Bearer abc.def x\nnext",
                "Authorization: [hidden]\nnext",
            ),
            (
                "from https://ann:hush@host/path?x",
                "from https://[hidden]@host/path?x",
            ),
            ("token eyJhbGciOiJI.eyJzdWIi.SflKxwRJ end", "token [hidden] end"),
        ] {
            assert_eq!(redact(text), safe);
        }
    }

    // Breaks if what helps is hidden too: names of resources, ids, ordinary words.
    #[test]
    fn all_else_stays() {
        for text in [
            "CannotPullContainerError: failed to resolve ref 123456789012.dkr.ecr.eu-west-1.amazonaws.com/w:1: not found",
            "arn:aws:ecs:eu-west-1:123456789012:task/posterframe/7c1e4b0d9a5f4e0f8a7b6c5d4e3f2a1b",
            "The request signature we calculated does not match",
            "sha256 9f2c61e0 of the pixels",
            "ASIA is a continent; write to ann@example.com",
            "put s3://b/thumbnails/0198c1b2-7f00-7000-8000-1234567890ab/ünï.png, 7 bytes",
        ] {
            assert_eq!(redact(text), text);
        }
    }
}
