//! The choices for AWS: profiles of the local AWS configuration, and regions.

use std::collections::BTreeSet;
use std::path::PathBuf;

/// AWS regions and their locations.
pub(super) const REGIONS: [(&str, &str); 29] = [
    ("us-east-1", "N. Virginia"),
    ("us-east-2", "Ohio"),
    ("us-west-1", "N. California"),
    ("us-west-2", "Oregon"),
    ("af-south-1", "Cape Town"),
    ("ap-east-1", "Hong Kong"),
    ("ap-northeast-1", "Tokyo"),
    ("ap-northeast-2", "Seoul"),
    ("ap-northeast-3", "Osaka"),
    ("ap-south-1", "Mumbai"),
    ("ap-south-2", "Hyderabad"),
    ("ap-southeast-1", "Singapore"),
    ("ap-southeast-2", "Sydney"),
    ("ap-southeast-3", "Jakarta"),
    ("ap-southeast-4", "Melbourne"),
    ("ca-central-1", "Montreal"),
    ("ca-west-1", "Calgary"),
    ("eu-central-1", "Frankfurt"),
    ("eu-central-2", "Zurich"),
    ("eu-north-1", "Stockholm"),
    ("eu-south-1", "Milan"),
    ("eu-south-2", "Spain"),
    ("eu-west-1", "Ireland"),
    ("eu-west-2", "London"),
    ("eu-west-3", "Paris"),
    ("il-central-1", "Tel Aviv"),
    ("me-central-1", "UAE"),
    ("me-south-1", "Bahrain"),
    ("sa-east-1", "São Paulo"),
];

/// Names of the profiles in the user's AWS configuration. Keys are not read.
pub(super) fn profiles() -> Vec<String> {
    let file = |variable: &str, name: &str| {
        std::env::var_os(variable).map(PathBuf::from).or_else(|| {
            let user = directories::UserDirs::new()?;
            Some(user.home_dir().join(".aws").join(name))
        })
    };
    let texts = [
        file("AWS_CONFIG_FILE", "config"),
        file("AWS_SHARED_CREDENTIALS_FILE", "credentials"),
    ]
    .map(|file| {
        file.and_then(|file| std::fs::read_to_string(file).ok())
            .unwrap_or_default()
    });
    texts
        .iter()
        .flat_map(|text| names(text))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect()
}

fn names(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter_map(|line| {
        let inside = line.trim().strip_prefix('[')?.split(']').next()?.trim();
        match inside.split_once(char::is_whitespace) {
            Some(("profile", name)) => Some(name.trim().trim_matches('"').to_owned()),
            // Sections such as `sso-session` and `services` are no profiles.
            Some(_) => None,
            None => Some(inside.to_owned()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if a profile is missing, or another section is taken for one.
    #[test]
    fn profiles_are_found_by_their_heads() {
        let text =
            "[default]\nregion=x\n[profile studio]\n[sso-session mine]\n [profile \"two words\"] # c\n";
        assert_eq!(
            names(text).collect::<Vec<_>>(),
            ["default", "studio", "two words"]
        );
    }
}
