//! Links to thumbnails, and how long they work.

use std::time::Duration;

use posterframe_client::{ErrorText, PresignedLink};
use time::OffsetDateTime;

use crate::context::{Command, ViewContext};

/// How long a link is asked to work; a login that ends sooner ends it, too.
pub(super) const LINK: Duration = Duration::from_hours(1);

/// Signs a link on the engine's threads; it is on the clipboard a moment later.
pub(in crate::views) fn copy_link(ctx: &ViewContext<'_>, key: String) {
    let Some(client) = ctx.client.cloned() else {
        return;
    };
    let commands = ctx.commands.clone();
    ctx.engine.spawn(async move {
        match client.gallery().presign(&key, LINK).await {
            Ok(link) => {
                let words = format!("Copied the link, which {}", expires(&link, client.now()));
                commands.send(Command::CopyText(link.url));
                commands.send(Command::Toast(words));
            }
            Err(error) => commands.send(Command::Complain(ErrorText::of(&error).to_string())),
        }
    });
}

/// `expires in 1 h`, `expires in 42 min`.
pub(super) fn expires(link: &PresignedLink, now: OffsetDateTime) -> String {
    let minutes = (link.expires - now).as_seconds_f64() / 60.0;
    // Rounded, since an hour that was asked for a moment ago is still an hour.
    let minutes = minutes.round().max(0.0) as u64;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("expires in {minutes} min"),
        (hours, 0) => format!("expires in {hours} h"),
        (hours, minutes) => format!("expires in {hours} h {minutes} min"),
    }
}

/// Where the console shows an object of a bucket on AWS.
pub(super) fn console(bucket: &str, region: &str, key: &str) -> String {
    let mut escaped = String::new();
    for byte in key.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            escaped = format!("{escaped}%{byte:02X}");
        }
    }
    let host = if region.starts_with("cn-") {
        "console.amazonaws.cn"
    } else {
        "console.aws.amazon.com"
    };
    format!("https://{region}.{host}/s3/object/{bucket}?region={region}&prefix={escaped}")
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    // Breaks if a link is said to work for longer than it does by more than half a minute, or a name breaks the address.
    #[test]
    fn words_and_addresses() {
        let now = datetime!(2026-11-24 14:00 UTC);
        let link = |seconds: i64| PresignedLink {
            url: String::new(),
            expires: now + time::Duration::seconds(seconds),
        };
        assert_eq!(expires(&link(3599), now), "expires in 1 h");
        assert_eq!(expires(&link(2520), now), "expires in 42 min");
        assert_eq!(expires(&link(-5), now), "expires in 0 min");
        assert!(console("b", "eu-west-1", "t/a&b ü.png").ends_with("prefix=t/a%26b%20%C3%BC.png"));
    }
}
