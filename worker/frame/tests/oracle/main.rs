//! Compares the library with the ffmpeg program, pixel for pixel: the frame of
//! `ffmpeg -i INPUT -ss POSITION -frames:v 1 OUT.png`, on clips that ffmpeg makes for the test.

// Helpers of tests may panic, as tests do.
#![allow(clippy::unwrap_used)]

mod best;
mod cancelled;
mod chapters;
mod codecs;
mod containers;
mod deinterlaced;
mod hdr;
mod interpretation;
mod limits;
mod order;
mod pictures;
mod reads;
mod repeated;
mod rules;
mod scenes;
mod sizes;
mod steps;
mod support;
mod tags;
mod timecodes;
mod timing;
