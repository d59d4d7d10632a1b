//! Names of the environment variables that carry the contract from the function to the task.

/// The video: `s3://bucket/key` or `bucket/key`, with the key as it is, or an `https` URL, which is percent-encoded.
pub const INPUT: &str = "INPUT_VIDEO_FILE_URL";
/// The frame's position, `[HH:]MM:SS[.fraction]`.
pub const POSITION: &str = "POSITION_TIME_DURATION";
/// The PNG's file name.
pub const OUTPUT_NAME: &str = "OUTPUT_THUMBS_FILE_NAME";
/// Where the PNG goes: `bucket/folder`.
pub const OUTPUT_PATH: &str = "OUTPUT_S3_PATH";
/// A request, `s3://bucket/key`: it takes the place of the four above, but for where files go where that is not the
/// thumbnails folder of the request's own bucket.
pub const REQUEST: &str = "JOB_REQUEST";
/// The region of the bucket.
pub const REGION: &str = "AWS_REGION";
/// The job's id; optional, for the log alone.
pub const JOB_ID: &str = "POSTERFRAME_JOB_ID";

/// Worker setting: the most pixels of one picture.
pub const MAX_PIXELS: &str = "POSTERFRAME_MAX_PIXELS";
/// Worker setting: the most bytes of pictures that are decoded on the way to the frame.
pub const MAX_DECODED_BYTES: &str = "POSTERFRAME_MAX_DECODED_BYTES";
/// Worker setting: the most seconds that opening the video, or finding the frame in it, may take.
pub const MAX_SECONDS: &str = "POSTERFRAME_MAX_SECONDS";
/// Worker setting: the most seconds without a picture coming out of the decoder.
pub const MAX_STALL_SECONDS: &str = "POSTERFRAME_MAX_STALL_SECONDS";
/// Worker setting: threads that decode.
pub const THREADS: &str = "POSTERFRAME_THREADS";

/// Function setting: the cluster to run tasks on.
pub const CLUSTER: &str = "CLUSTER";
/// Function setting: the task definition, `family[:revision]` or an ARN.
pub const TASK_DEFINITION: &str = "TASK_DEFINITION";
/// Function setting: the container in that task definition whose environment carries the job.
pub const CONTAINER: &str = "CONTAINER";
/// Function setting: subnets, separated by commas.
pub const SUBNETS: &str = "SUBNETS";
/// Function setting: security groups, separated by commas.
pub const SECURITY_GROUPS: &str = "SECURITY_GROUPS";
/// Function setting: `ENABLED` or `DISABLED`.
pub const ASSIGN_PUBLIC_IP: &str = "ASSIGN_PUBLIC_IP";
/// Function setting: the folder that uploads lie in.
pub const UPLOADS_FOLDER: &str = "UPLOADS_FOLDER";
/// Function setting: the folder that requests lie in.
pub const JOBS_FOLDER: &str = "JOBS_FOLDER";
/// Function setting: the folder of videos that requests refer to.
pub const VIDEOS_FOLDER: &str = "VIDEOS_FOLDER";
/// Function setting: the folder that thumbnails go to.
pub const THUMBNAILS_FOLDER: &str = "THUMBNAILS_FOLDER";
