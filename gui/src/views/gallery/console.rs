//! Links to thumbnails in the AWS console.

/// The URL of an object in the AWS console.
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
    use super::*;

    // Breaks if a name's characters are not escaped in the URL.
    #[test]
    fn names_are_escaped() {
        assert!(console("b", "eu-west-1", "t/a&b ü.png").ends_with("prefix=t/a%26b%20%C3%BC.png"));
    }
}
