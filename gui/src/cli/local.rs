//! `posterframe local`: runs only the backend on this computer, for other AWS clients.

use std::process::ExitCode;

use posterframe_contract::names;

use super::Common;
use super::say::say;

#[derive(Debug, clap::Args)]
pub(super) struct LocalArgs {
    /// Port to listen on, on 127.0.0.1 only [default: any free one]
    #[arg(long)]
    port: Option<u16>,
}

pub(super) fn run(common: &Common, args: &LocalArgs) -> anyhow::Result<ExitCode> {
    let paths = common.paths()?;
    super::shutdown::block_on(async {
        let backend = crate::backend::start_local(&paths, args.port).await?;
        say!("# Posterframe's backend listens on {}", backend.endpoint());
        say!("# Set these for any AWS client; Ctrl+C ends it.");
        for (name, value) in backend.environment() {
            say!("export {name}={value}");
        }
        say!("# bucket            {}", backend.bucket());
        say!("# cluster           {}", names::CLUSTER);
        say!("# task definition   {}", names::TASK_FAMILY);
        say!(
            "# task log group    {}",
            names::task_log_group(names::TASK_FAMILY)
        );
        for function in [names::UPLOAD_FUNCTION, names::THUMBNAIL_FUNCTION] {
            say!("# function log group {}", names::function_log_group(function));
        }
        say!(
            "# An AWS CLI before 1.29 or 2.13 does not know AWS_ENDPOINT_URL and would ask AWS itself: name the address."
        );
        say!(
            "# try: aws --endpoint-url \"$AWS_ENDPOINT_URL\" s3 cp clip.mp4 s3://{}/test_00-10.mp4",
            backend.bucket()
        );
        super::shutdown::interrupted().await;
        super::shutdown::closed(backend.shutdown()).await;
        Ok(ExitCode::SUCCESS)
    })
}
