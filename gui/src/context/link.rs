//! Presigned links to thumbnails, which both jobs and gallery copy.

use std::time::Duration;

use posterframe_client::{ErrorText, PresignedLink};
use time::OffsetDateTime;

use super::{Command, ViewContext};

/// Requested lifetime of a link. The link also ends with the login that signed it.
pub const LINK_LIFETIME: Duration = Duration::from_hours(1);

/// Signs a link on the engine's threads, and then puts it on the clipboard.
pub fn copy_link(ctx: &ViewContext<'_>, key: String) {
    let Some(client) = ctx.client.cloned() else {
        return;
    };
    let commands = ctx.commands.clone();
    ctx.engine.spawn(async move {
        match client.gallery().presign(&key, LINK_LIFETIME).await {
            Ok(link) => {
                let text = format!("Copied the link, which {}", expires(&link, client.now()));
                commands.send(Command::CopyText(link.url));
                commands.send(Command::Toast(text));
            }
            Err(error) => commands.send(Command::Complain(ErrorText::of(&error).to_string())),
        }
    });
}

/// A link's remaining lifetime as text: `expires in 1 h`, `expires in 42 min`.
pub fn expires(link: &PresignedLink, now: OffsetDateTime) -> String {
    let minutes = (link.expires - now).as_seconds_f64() / 60.0;
    // Rounded, so that a new link of an hour says 1 h and not 59 min.
    let minutes = minutes.round().max(0.0) as u64;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("expires in {minutes} min"),
        (hours, 0) => format!("expires in {hours} h"),
        (hours, minutes) => format!("expires in {hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    // Breaks if the text exceeds a link's lifetime by more than half a minute.
    #[test]
    fn lifetimes_are_rounded() {
        let now = datetime!(2026-11-24 14:00 UTC);
        let link = |seconds: i64| PresignedLink {
            url: String::new(),
            expires: now + time::Duration::seconds(seconds),
        };
        assert_eq!(expires(&link(3599), now), "expires in 1 h");
        assert_eq!(expires(&link(2520), now), "expires in 42 min");
        assert_eq!(expires(&link(-5), now), "expires in 0 min");
    }
}
