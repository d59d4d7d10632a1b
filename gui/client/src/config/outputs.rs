//! Backends out of what a deployed stack says of itself, or out of another configuration file.

use serde_json::Value;

use super::backend::Backend;
use super::settings::Config;

/// There is nothing to import.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutputsError {
    /// Neither of what is understood.
    #[error("this is neither a stack's outputs in JSON nor a configuration of Posterframe")]
    NotUnderstood,
    /// No bucket among the outputs.
    #[error("these outputs name no bucket: they are not those of Posterframe’s stack")]
    NoBucket,
}

/// Reads the answer of `aws cloudformation describe-stacks`, its list of outputs, a plain object of them, or a
/// configuration file, such as `script/deploy` writes. `name` is for outputs that do not say whose they are.
///
/// # Errors
/// The text is something else, or the outputs of another stack.
pub fn read_outputs(text: &str, name: &str) -> Result<Vec<Backend>, OutputsError> {
    if let Ok(json) = serde_json::from_str::<Value>(text) {
        let stacks = json.get("Stacks").and_then(Value::as_array);
        let stack = stacks.and_then(|stacks| stacks.first()).unwrap_or(&json);
        let name = stack.get("StackName").and_then(Value::as_str).unwrap_or(name);
        let outputs = stack.get("Outputs").unwrap_or(stack);
        return backend(outputs, name).map(|backend| vec![backend]);
    }
    let config: Config = toml::from_str(text).map_err(|_| OutputsError::NotUnderstood)?;
    let backends: Vec<Backend> = config
        .backends
        .into_iter()
        .map(|(name, backend)| Backend { name, ..backend })
        .collect();
    if backends.is_empty() {
        return Err(OutputsError::NotUnderstood);
    }
    Ok(backends)
}

fn backend(outputs: &Value, name: &str) -> Result<Backend, OutputsError> {
    let outputs: Vec<(&str, &Value)> = match outputs {
        Value::Array(list) => list
            .iter()
            .filter_map(|output| Some((output["OutputKey"].as_str()?, &output["OutputValue"])))
            .collect(),
        Value::Object(map) => map.iter().map(|(name, value)| (name.as_str(), value)).collect(),
        _ => return Err(OutputsError::NotUnderstood),
    };
    let keys = Backend::on_aws(name, "").table();
    let table = outputs.into_iter().filter_map(|(name, value)| {
        let key = snake_case(name);
        let is_key = key == "region" || keys.contains_key(&key);
        Some((key, value.as_str()?.into())).filter(|_| is_key)
    });
    Backend::of_table(name, table.collect()).map_err(|_| OutputsError::NoBucket)
}

/// `UploadsFolder` is the output's name, `uploads_folder` the key's.
fn snake_case(name: &str) -> String {
    let mut key = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !key.is_empty() {
            key.push('_');
        }
        key.extend(character.to_lowercase());
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    // Breaks if one of the ways in which AWS's tools tell outputs is not understood, or another stack's pass for ours.
    #[test]
    fn outputs_in_all_their_forms() {
        let list = r#"[{"OutputKey":"Bucket","OutputValue":"media"},{"OutputKey":"Cluster","OutputValue":"c"},
                       {"OutputKey":"Region","OutputValue":"eu-west-1"}]"#;
        let answer = format!(r#"{{"Stacks":[{{"StackName":"studio","Outputs":{list}}}]}}"#);
        let plain = r#"{"Bucket":"media","Cluster":"c","Region":"eu-west-1"}"#;
        for (text, name) in [(list, "file"), (answer.as_str(), "studio"), (plain, "file")] {
            let backends = read_outputs(text, "file").unwrap();
            let backend = &backends[0];
            let found = (
                backend.name.as_str(),
                backend.bucket.as_str(),
                backend.cluster.as_str(),
            );
            assert_eq!(found, (name, "media", "c"));
            assert_eq!(backend.region.as_deref(), Some("eu-west-1"));
            assert_eq!(backend.container, "worker");
        }
        let config = read_outputs("[backends.a]\nbucket = \"abc\"", "x").unwrap();
        assert_eq!((config[0].name.as_str(), config[0].bucket.as_str()), ("a", "abc"));
        assert_eq!(read_outputs(r#"{"Queue":"q"}"#, "x"), Err(OutputsError::NoBucket));
        assert_eq!(read_outputs("hello", "x"), Err(OutputsError::NotUnderstood));
    }
}
