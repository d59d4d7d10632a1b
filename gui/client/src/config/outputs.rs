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
    let get = |wanted: &str| {
        if let Some(list) = outputs.as_array() {
            let output = list.iter().find(|output| output["OutputKey"] == wanted)?;
            return output["OutputValue"].as_str().map(str::to_owned);
        }
        outputs.get(wanted)?.as_str().map(str::to_owned)
    };
    if !outputs.is_array() && !outputs.is_object() {
        return Err(OutputsError::NotUnderstood);
    }
    let mut backend = Backend::on_aws(name, get("Bucket").ok_or(OutputsError::NoBucket)?);
    backend.region = get("Region");
    for (key, output) in [
        (&mut backend.uploads_folder, "UploadsFolder"),
        (&mut backend.thumbnails_folder, "ThumbnailsFolder"),
        (&mut backend.cluster, "Cluster"),
        (&mut backend.task_family, "TaskFamily"),
        (&mut backend.container, "Container"),
        (&mut backend.upload_function, "UploadFunction"),
        (&mut backend.thumbnail_function, "ThumbnailFunction"),
    ] {
        if let Some(value) = get(output) {
            *key = value;
        }
    }
    Ok(backend)
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
