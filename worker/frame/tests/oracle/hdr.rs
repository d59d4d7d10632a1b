//! What HDR videos say of themselves, and how they are shown.

use std::path::Path;
use std::time::Duration;

use posterframe_clips::{add_boxes, dolby_vision};
use posterframe_frame::{DolbyVision, Frame, Video};

use crate::support::{Clip, MOVING, make};

const PQ: &str = "-color_primaries bt2020 -color_trc smpte2084 -colorspace bt2020nc";
const HLG: &str = "-color_primaries bt2020 -color_trc arib-std-b67 -colorspace bt2020nc";
const DISPLAY: &str = "master-display=G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(40000000,50)";

/// Makes a clip of 20 frames in groups of 5 whose codec says `colours`, and `params` in its messages.
fn encode(path: &Path, colours: &str, params: &str) {
    make(
        path,
        &format!(
            "{MOVING} -t 0.8 -c:v libx265 -preset ultrafast -pix_fmt yuv420p10le {colours} \
             -x265-params log-level=none:keyint=5:min-keyint=5{params}"
        ),
    );
}

fn clip(colours: &str, params: &str) -> Clip {
    Clip::by("clip.mp4", |path| encode(path, colours, params))
}

/// The same with further boxes in the sample entry.
fn with_boxes(colours: &str, boxes: &[(&[u8; 4], &[u8])]) -> Clip {
    Clip::by("clip.mp4", |path| {
        encode(path, colours, "");
        add_boxes(path, boxes);
    })
}

fn label(clip: &Clip) -> Option<String> {
    Video::open(&clip.path).unwrap().info().colours.label()
}

/// A frame, from a video of its own.
fn frame(clip: &Clip, millis: u64) -> Frame {
    let video = Video::open(&clip.path).unwrap();
    video.into_frame_at(Duration::from_millis(millis)).unwrap()
}

fn peak(frame: &Frame) -> Option<f32> {
    frame.image.tags().light.mastering().max_nits
}

// Breaks if metadata of the codec alone are not found, are read wrongly, or hold for some frames only; or if a name is wrong.
#[test]
fn the_codec_says_it() {
    let both = clip(PQ, &format!(":{DISPLAY}:max-cll=850,120"));
    assert_eq!(label(&both).unwrap(), "HDR10 · PQ · BT.2020");
    let info = Video::open(&both.path).unwrap().info().clone();
    assert_eq!(info.colours.peak_nits(), Some(850.0));
    let display = info.colours.light.display.unwrap();
    assert_eq!(
        display.chromaticities,
        [35_400, 14_600, 8_500, 39_850, 6_550, 2_300, 15_635, 16_450]
    );
    assert_eq!((display.max_luminance, display.min_luminance), (40_000_000, 50));
    for millis in [0, 200, 520, 760] {
        assert_eq!(peak(&frame(&both, millis)), Some(850.0), "{millis}");
    }
    // The pixels are the reference's all the same.
    both.compare_at(&[0.0, 0.52]);

    let display = clip(PQ, &format!(":{DISPLAY}"));
    assert_eq!(peak(&frame(&display, 400)), Some(4_000.0));
    let plain = clip(PQ, "");
    assert_eq!(label(&plain).unwrap(), "PQ · BT.2020");
    assert_eq!(peak(&frame(&plain, 400)), None);
    assert_eq!(label(&clip(HLG, "")).unwrap(), "HLG · BT.2020");
    assert_eq!(label(&clip("", "")), None);
}

// Breaks if the boxes of an MP4 are not read, or are read in other units than the codec's messages.
#[test]
fn the_container_says_it() {
    let light = [850_u16, 120].map(u16::to_be_bytes).concat();
    // Green, blue, red, white; the most and the least light.
    let points = [8_500_u16, 39_850, 6_550, 2_300, 35_400, 14_600, 15_635, 16_450];
    let points = points.map(u16::to_be_bytes).concat();
    let display = [points, [40_000_000_u32, 50].map(u32::to_be_bytes).concat()].concat();
    let clip_of_both = with_boxes(PQ, &[(b"mdcv", &display), (b"clli", &light)]);
    let by_codec = clip(PQ, &format!(":{DISPLAY}:max-cll=850,120"));
    let light = |clip: &Clip| Video::open(&clip.path).unwrap().info().colours.light;
    assert_eq!(light(&clip_of_both), light(&by_codec));
    assert_eq!(peak(&frame(&clip_of_both, 600)), Some(850.0));
}

// Breaks if Dolby Vision without a base layer that others can show is taken for another video, or one with it is warned of.
#[test]
fn dolby_vision_is_said() {
    let own = with_boxes("", &[(b"dvcC", &dolby_vision(5, 0))]);
    let info = Video::open(&own.path).unwrap().info().clone();
    let expected = DolbyVision {
        profile: 5,
        compatibility: 0,
    };
    assert_eq!(info.colours.dolby_vision, Some(expected));
    assert_eq!(info.colours.label().unwrap(), "Dolby Vision 5 · its own colours");
    assert!(info.colours.warning().unwrap().contains("green and purple"));
    // What is written is what ffmpeg writes.
    own.compare_at(&[0.2]);
    let hdr10 = with_boxes(PQ, &[(b"dvvC", &dolby_vision(8, 1))]);
    assert_eq!(label(&hdr10).unwrap(), "Dolby Vision 8.1 · PQ · BT.2020");
    let colours = Video::open(&hdr10.path).unwrap().info().colours.clone();
    assert_eq!(colours.warning(), None);
}

// Breaks if small pictures of HDR are not tone-mapped, or otherwise than the exact ones are for the screen, turned or not.
#[test]
fn small_pictures_are_tone_mapped() {
    // Without edges, where the filters for the screen and for exact pictures differ.
    let upright = clip(&format!("-vf gblur=sigma=8 {PQ}"), ":max-cll=850,120");
    let turned = Clip::by("turned.mp4", |path| {
        let from = upright.path.display();
        make(path, &format!("-i {from} -c copy -metadata:s:v rotate=90"));
    });
    // A later ffmpeg does not take the angle from there, and then it is the same clip.
    for clip in [&upright, &turned] {
        let mut video = Video::open(&clip.path).unwrap();
        let at = Duration::from_millis(400);
        let exact = video.frame_at(at).unwrap().image;
        let size = (exact.width(), exact.height());
        let small = video.small_frame_at(at, size).unwrap().image;
        assert_eq!((small.width(), small.height()), size);
        let distance = |other: &[u8]| {
            let pairs = small.data().iter().zip(other);
            pairs.map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / other.len() as f64
        };
        let (shown, coded) = (exact.to_screen_rgba8(), exact.to_rgba8());
        assert!(distance(&shown) < 2.0, "{}", distance(&shown));
        assert!(distance(&coded) > 10.0, "{}", distance(&coded));
    }
}
