//! Pixels and what becomes of them, without libav: their hash, size, shape, colour and files.
//!
//! The app and the worker both use it, so that what the app shows of an output is what the worker writes.

mod canvas;
pub mod colour;
pub mod contact;
mod cues;
mod encode;
mod error;
mod geometry;
mod image;
mod light;
mod likeness;
pub mod proof;
mod render;
mod scale;
mod screen;
pub mod sheet;
mod tags;
mod text;

pub use encode::{Encoded, encode, usual_quality};
pub use error::PictureError;
pub use geometry::Geometry;
pub use image::{Image, PixelFormat};
pub use light::{ContentLight, Light, MasteringDisplay};
pub use likeness::{Sketch, psnr};
pub use posterframe_contract::Deinterlace;
pub use render::render;
pub use tags::Tags;
