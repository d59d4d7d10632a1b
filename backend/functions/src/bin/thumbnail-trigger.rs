//! The Lambda program of `thumbnail-trigger`.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    posterframe_functions::thumbnail_trigger::run().await
}
