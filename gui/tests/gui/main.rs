//! Tests of the window and its views without a screen. They are one program, since each further one would link the toolkit,
//! libav and the SDKs again.

mod audit;
mod budget;
mod by_rule;
mod fixtures;
mod gallery_view;
mod jobs_view;
mod layout;
mod looks;
mod mark_lists;
mod new_submit;
mod new_view;
mod outputs;
mod playing;
mod remote;
mod settings_view;
