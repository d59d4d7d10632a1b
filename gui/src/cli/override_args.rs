//! Flags and environment variables for each key of the configuration file.

use posterframe_client::{Backend, Overrides, Rate};

#[derive(Clone, Debug, Default, clap::Args)]
#[command(next_help_heading = "Instead of the configuration file")]
pub(super) struct OverrideArgs {
    /// The most that uploads may take of the line, such as “2 MB/s”
    #[arg(long, global = true, value_name = "RATE", env = "POSTERFRAME_UPLOAD_LIMIT")]
    upload_limit: Option<Rate>,
    /// AWS profile [default: by the AWS SDK's own rules]
    #[arg(long, global = true, value_name = "NAME", env = "POSTERFRAME_PROFILE")]
    profile: Option<String>,
    /// AWS region [default: the profile's]
    #[arg(long, global = true, value_name = "NAME", env = "POSTERFRAME_REGION")]
    region: Option<String>,
    /// Address of a server other than AWS's own
    #[arg(long, global = true, value_name = "URL", env = "POSTERFRAME_ENDPOINT")]
    endpoint: Option<String>,
    /// The bucket; where no backend is chosen, no configuration file is needed beside it
    #[arg(long, global = true, value_name = "NAME", env = "POSTERFRAME_BUCKET")]
    bucket: Option<String>,
    /// Folder of uploads in the bucket
    #[arg(
        long,
        global = true,
        value_name = "FOLDER",
        env = "POSTERFRAME_UPLOADS_FOLDER",
        hide_short_help = true
    )]
    uploads_folder: Option<String>,
    /// Folder of thumbnails in the bucket
    #[arg(
        long,
        global = true,
        value_name = "FOLDER",
        env = "POSTERFRAME_THUMBNAILS_FOLDER",
        hide_short_help = true
    )]
    thumbnails_folder: Option<String>,
    /// Folder of requests in the bucket
    #[arg(
        long,
        global = true,
        value_name = "FOLDER",
        env = "POSTERFRAME_JOBS_FOLDER",
        hide_short_help = true
    )]
    jobs_folder: Option<String>,
    /// Folder of the videos in the bucket that requests refer to
    #[arg(
        long,
        global = true,
        value_name = "FOLDER",
        env = "POSTERFRAME_VIDEOS_FOLDER",
        hide_short_help = true
    )]
    videos_folder: Option<String>,
    /// ECS cluster
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "POSTERFRAME_CLUSTER",
        hide_short_help = true
    )]
    cluster: Option<String>,
    /// Family of the worker's task definition
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "POSTERFRAME_TASK_FAMILY",
        hide_short_help = true
    )]
    task_family: Option<String>,
    /// The worker's container in it
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "POSTERFRAME_CONTAINER",
        hide_short_help = true
    )]
    container: Option<String>,
    /// Function that runs the tasks
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "POSTERFRAME_UPLOAD_FUNCTION",
        hide_short_help = true
    )]
    upload_function: Option<String>,
    /// Function that logs the thumbnails' addresses
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "POSTERFRAME_THUMBNAIL_FUNCTION",
        hide_short_help = true
    )]
    thumbnail_function: Option<String>,
    /// Show the jobs of other people on the same cluster and bucket too
    #[arg(
        long,
        global = true,
        env = "POSTERFRAME_OTHERS",
        num_args = 0..=1,
        require_equals = true,
        value_name = "true|false",
        default_missing_value = "true",
        hide_short_help = true
    )]
    others: Option<bool>,
}

impl OverrideArgs {
    /// The login, region and endpoint alone, for what needs no backend: by the SDK’s own rules where nothing is given.
    pub(super) fn login(&self) -> Backend {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        Backend {
            profile: given(&self.profile),
            region: given(&self.region),
            endpoint: given(&self.endpoint),
            ..Backend::default()
        }
    }

    /// These settings, for `backend`. An empty variable counts as unset.
    pub(super) fn on_top_of(&self, backend: Option<&str>) -> Overrides {
        let texts = [
            ("profile", &self.profile),
            ("region", &self.region),
            ("endpoint", &self.endpoint),
            ("bucket", &self.bucket),
            ("uploads_folder", &self.uploads_folder),
            ("thumbnails_folder", &self.thumbnails_folder),
            ("jobs_folder", &self.jobs_folder),
            ("videos_folder", &self.videos_folder),
            ("cluster", &self.cluster),
            ("task_family", &self.task_family),
            ("container", &self.container),
            ("upload_function", &self.upload_function),
            ("thumbnail_function", &self.thumbnail_function),
        ];
        let mut overrides = Overrides::new(backend.filter(|name| !name.is_empty()), self.upload_limit);
        for (key, text) in texts {
            if let Some(text) = text.as_deref().filter(|text| !text.is_empty()) {
                overrides = overrides.with(key, text);
            }
        }
        match self.others {
            Some(others) => overrides.with("others", others),
            None => overrides,
        }
    }
}
