//! Filter patterns for unstructured lines: terms that must all occur, `?` for any of several, `-` for none.

use crate::http::json::ApiError;

/// A parsed pattern.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Filter {
    all: Vec<String>,
    any: Vec<String>,
    none: Vec<String>,
}

impl Filter {
    /// Parses a pattern. Those for JSON and for columns are refused: no log here is either.
    pub(super) fn parse(pattern: &str) -> Result<Self, ApiError> {
        let pattern = pattern.trim();
        if pattern.starts_with(['{', '[', '%']) {
            return Err(ApiError::new(
                "InvalidParameterException",
                "Invalid filter pattern: this backend takes terms and quoted phrases, each with ? or - before it \
                 if need be",
            ));
        }
        let mut filter = Self::default();
        let mut rest = pattern;
        while !rest.is_empty() {
            let list = match rest.as_bytes()[0] {
                b'?' => &mut filter.any,
                b'-' => &mut filter.none,
                _ => &mut filter.all,
            };
            let term = rest.strip_prefix(['?', '-']).unwrap_or(rest);
            let (term, after) = if let Some(quoted) = term.strip_prefix('"') {
                split_quoted(quoted).ok_or_else(|| {
                    ApiError::new(
                        "InvalidParameterException",
                        "Invalid filter pattern: a quote is not closed",
                    )
                })?
            } else {
                let end = term.find(char::is_whitespace).unwrap_or(term.len());
                (term[..end].to_owned(), &term[end..])
            };
            if !term.is_empty() {
                list.push(term);
            }
            rest = after.trim_start();
        }
        Ok(filter)
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        let has = |term: &String| message.contains(term.as_str());
        self.all.iter().all(has)
            && !self.none.iter().any(has)
            && (self.any.is_empty() || self.any.iter().any(has))
    }
}

/// The text up to the closing quote, with `\"` and `\\` undone, and what stands after it.
fn split_quoted(text: &str) -> Option<(String, &str)> {
    let mut term = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Some((term, &text[at + 1..])),
            '\\' => term.push(chars.next()?.1),
            _ => term.push(char),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, message: &str) -> bool {
        Filter::parse(pattern).unwrap().matches(message)
    }

    // Breaks if `aws logs tail --filter-pattern` shows other lines than on AWS.
    #[test]
    fn patterns() {
        assert!(matches("", "anything"));
        assert!(matches("ERROR", "an ERROR here") && !matches("ERROR", "an error here"));
        assert!(matches("a b", "b a") && !matches("a b", "a"));
        assert!(matches(r#""a b""#, "x a b") && !matches(r#""a b""#, "b a"));
        assert!(matches("?a ?b", "b") && !matches("?a ?b", "c"));
        assert!(matches("a -b", "a") && !matches("a -b", "a b"));
        assert!(matches(r#""say \"hi\"""#, r#"say "hi""#));
        assert!(Filter::parse("\"open").is_err() && Filter::parse("{ $.a = 1 }").is_err());
    }
}
