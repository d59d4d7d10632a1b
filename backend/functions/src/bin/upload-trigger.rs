//! The Lambda program of `upload-trigger`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    posterframe_functions::upload_trigger::run().await
}
