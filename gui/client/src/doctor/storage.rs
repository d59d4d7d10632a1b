//! Credentials, region, bucket and its event rules.

use std::time::SystemTime;

use aws_sdk_s3::types::{EncodingType, FilterRule, NotificationConfigurationFilter};
use posterframe_contract::names;

use super::examiner::Examiner;
use super::fault::{Fault, innermost};
use super::report::CheckResult;

/// A login that ends sooner than this is worth a word.
const EXPIRES_SOON_S: u64 = 15 * 60;

impl Examiner {
    pub(super) async fn credentials(&self) -> Result<CheckResult, Fault> {
        let session = self.session().await;
        if session.backend.is_local() {
            return Ok(CheckResult::passed(
                "keys made for this start, on this computer only",
            ));
        }
        let credentials = session.credentials().await;
        let credentials = credentials.map_err(|error| Fault::NoLogin(innermost(&error)))?;
        let answer = aws_sdk_sts::Client::new(&session.config)
            .get_caller_identity()
            .send()
            .await
            .map_err(|error| Fault::of(&error))?;
        let who = answer.arn().unwrap_or("an unnamed login");
        let left = credentials
            .expiry()
            .and_then(|expiry| expiry.duration_since(SystemTime::from(session.time.now())).ok());
        Ok(match left {
            Some(left) if left.as_secs() < EXPIRES_SOON_S => CheckResult::warning(
                format!("{who}, for {} more min", left.as_secs() / 60),
                "Log in again before a long upload; one that is cut off goes on after the next login",
            ),
            Some(left) => CheckResult::passed(format!("{who}, for {} more min", left.as_secs() / 60)),
            None => CheckResult::passed(who),
        })
    }

    pub(super) async fn region(&self) -> Result<CheckResult, Fault> {
        let session = self.session().await;
        let Some(region) = session.config.region() else {
            return Ok(CheckResult::failed(
                "neither the backend nor the profile names a region",
                "Choose the region in which the stack was made",
            ));
        };
        let look = self.bucket_look().await;
        let there = look.as_ref().ok().and_then(|look| look.region.as_deref());
        Ok(match there {
            Some(there) if there != region.as_ref() => CheckResult::failed(
                format!("the bucket lies in {there}, not in {region}"),
                format!("Set the region to {there}"),
            ),
            Some(_) => CheckResult::passed(format!("{region}, where the bucket lies")),
            None => CheckResult::passed(region.to_string()),
        })
    }

    pub(super) async fn bucket(&self) -> Result<CheckResult, Fault> {
        let session = self.session().await;
        if let Err(fault) = self.bucket_look().await {
            return Err(fault.clone());
        }
        let backend = &session.backend;
        let list = async |folder: &str| {
            let answer = session
                .s3
                .list_objects_v2()
                .bucket(&backend.bucket)
                .prefix(format!("{}/", folder.trim_matches('/')))
                // A key may have characters that XML cannot carry.
                .encoding_type(EncodingType::Url)
                .max_keys(1)
                .send()
                .await;
            answer.map_err(|error| Fault::of(&error))
        };
        for (_, folder) in backend.folders() {
            match list(folder).await {
                Ok(_) => {}
                Err(Fault::Denied(why)) => {
                    let text = list_policy(&backend.bucket, backend.folders().map(|(_, folder)| folder));
                    return Ok(CheckResult::failed(
                        format!("this login may not list {}/{folder} ({why})", backend.bucket),
                        "Attach the stack's policy AppPolicy, or add this:",
                    )
                    .remedy("policy", text));
                }
                Err(fault) => return Err(fault),
            }
        }
        Ok(CheckResult::passed(format!(
            "{}: its folders can be listed",
            backend.bucket
        )))
    }

    pub(super) async fn events(&self) -> Result<CheckResult, Fault> {
        let session = self.session().await;
        let rules = self.rules().await?;
        let uploads: Vec<Rule> = rules
            .queue_configurations()
            .iter()
            .map(|rule| Rule::of(rule.filter(), rule.events()))
            .collect();
        if uploads.is_empty() {
            return Ok(CheckResult::failed(
                "the bucket tells no queue of new uploads, so that no job would start",
                "script/deploy puts the rules there; another program may have replaced them",
            ));
        }
        let folder = |name: &str| format!("{}/", name.trim_matches('/'));
        let covered = |folder: &str, suffix: &str| uploads.iter().any(|rule| rule.covers(folder, suffix));
        if !covered(&folder(&session.backend.jobs_folder), ".json") {
            return Ok(CheckResult::failed(
                "requests raise no event, so that only a single frame of a new video would be extracted",
                "Run script/deploy again to bring the rules up to date",
            ));
        }
        let uploads_folder = folder(&session.backend.uploads_folder);
        let missing: Vec<&str> = names::VIDEO_EXTENSIONS
            .into_iter()
            .filter(|extension| !covered(&uploads_folder, &format!(".{extension}")))
            .collect();
        if !missing.is_empty() {
            return Ok(CheckResult::warning(
                format!("uploads of these kinds raise no event: {}", missing.join(", ")),
                "Run script/deploy again to bring the rules up to date",
            ));
        }
        let thumbnails = folder(&session.backend.thumbnails_folder);
        let told = rules
            .lambda_function_configurations()
            .iter()
            .any(|rule| Rule::of(rule.filter(), rule.events()).covers(&thumbnails, ".png"));
        if !told {
            return Ok(CheckResult::warning(
                "no function hears of new thumbnails, so that their URLs are not logged",
                "Run script/deploy again; jobs work without it",
            ));
        }
        Ok(CheckResult::passed(format!(
            "{} kinds of videos, requests, and thumbnails",
            names::VIDEO_EXTENSIONS.len()
        )))
    }
}

/// One rule of the bucket, as far as it matters here.
struct Rule {
    created: bool,
    prefix: String,
    suffix: String,
}

impl Rule {
    fn of(filter: Option<&NotificationConfigurationFilter>, events: &[aws_sdk_s3::types::Event]) -> Self {
        let rules: &[FilterRule] = filter
            .and_then(|filter| filter.key())
            .map_or(&[], |key| key.filter_rules());
        let value = |name: &str| {
            let rule = rules.iter().find(|rule| {
                rule.name()
                    .is_some_and(|own| own.as_str().eq_ignore_ascii_case(name))
            });
            rule.and_then(FilterRule::value).unwrap_or_default().to_owned()
        };
        Self {
            created: events
                .iter()
                .any(|event| event.as_str().starts_with("s3:ObjectCreated:")),
            prefix: value("prefix"),
            suffix: value("suffix"),
        }
    }

    /// Whether keys in `folder` with `suffix` raise its event.
    fn covers(&self, folder: &str, suffix: &str) -> bool {
        self.created && folder.starts_with(&self.prefix) && suffix.ends_with(&self.suffix)
    }
}

fn list_policy(bucket: &str, folders: [&str; 4]) -> String {
    let prefixes = folders.map(|folder| format!("{}/*", folder.trim_matches('/')));
    let policy = serde_json::json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow", "Action": "s3:ListBucket", "Resource": format!("arn:aws:s3:::{bucket}"),
            "Condition": { "StringLike": { "s3:prefix": prefixes } },
        }],
    });
    format!("{policy:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a rule for another folder or another extension counts as the one that is needed.
    #[test]
    fn rules_cover_what_they_say() {
        let rule = |prefix: &str, suffix: &str| Rule {
            created: true,
            prefix: prefix.into(),
            suffix: suffix.into(),
        };
        assert!(rule("", ".mp4").covers("uploads/", ".mp4"));
        assert!(rule("uploads/", "").covers("uploads/", ".mp4"));
        assert!(!rule("other/", ".mp4").covers("uploads/", ".mp4"));
        assert!(!rule("", ".mp4").covers("uploads/", ".mov"));
    }
}
