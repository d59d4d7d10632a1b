//! The library against the ffmpeg program, pixel for pixel: the frame of
//! `ffmpeg -i INPUT -ss POSITION -frames:v 1 OUT.png` on clips that ffmpeg makes here.

mod codecs;
mod containers;
mod limits;
mod pictures;
mod support;
mod timing;
