//! `posterframe verify`: whether a still is of a frame.

use std::path::{Path, PathBuf};

use posterframe_clips::ffmpeg;
use serde_json::Value;

use crate::support::{clip, posterframe, run};

struct World {
    folder: tempfile::TempDir,
    video: PathBuf,
}

impl World {
    /// A video in which each frame is unlike the one before it, as a camera's is.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let video = clip(
            folder.path(),
            "film.mp4",
            "-f lavfi -i mandelbrot=size=640x360:rate=25:start_scale=0.5:end_scale=0.1 -vf noise=alls=8:allf=t -t 3 -c:v \
             libx264 -g 25 -bf 2 -f mp4",
        );
        Self { folder, video }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A still of a frame.
    fn still(&self, frame: usize, name: &str, output: &str) -> PathBuf {
        let ran = run(posterframe(self.folder.path())
            .args([
                "frame",
                "--force",
                "--output",
                output,
                "--at",
                &format!("{frame}f"),
                "-o",
            ])
            .arg(self.path(name))
            .arg(&self.video));
        assert!(ran.ok, "{}", ran.stderr);
        self.path(name)
    }

    /// What another program makes of a still.
    fn made_of(&self, still: &Path, name: &str, arguments: &[&str]) -> PathBuf {
        let file = self.path(name);
        let made = ffmpeg()
            .args(["-y", "-i"])
            .arg(still)
            .args(arguments)
            .arg(&file)
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        file
    }

    fn verify(&self, still: &Path, video: &Path) -> (Option<i32>, Value) {
        let ran = run(posterframe(self.folder.path())
            .args(["verify", "--json"])
            .args([still, video]));
        let object =
            serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}{}", ran.stdout, ran.stderr));
        (ran.code, object)
    }
}

// Breaks if a still is not known by its own frame in any format and size, with or without what it says of itself.
#[test]
fn stills_are_known() {
    let world = World::new();
    for frame in [0, 31, 74] {
        let png = world.still(frame, "a.png", "png");
        let half = world.made_of(&png, "half.png", &["-vf", "scale=320:180:flags=bicubic"]);
        let jpeg = world.made_of(&png, "q.jpg", &["-q:v", "6"]);
        let stills = [
            png.clone(),
            world.still(frame, "b.jpg", "jpeg:q=60"),
            world.still(frame, "c.webp", "webp:320x180:q=70"),
            world.still(frame, "c.avif", "avif:320x180:q=60"),
            world.still(frame, "e.avif", "avif:10"),
            world.still(frame, "d.jpg", "jpeg:crop=40,20,300,200"),
            half,
            jpeg,
        ];
        for still in stills {
            let (code, answer) = world.verify(&still, &world.video);
            assert_eq!(
                (code, &answer["answer"]),
                (Some(0), &"yes".into()),
                "{}: {answer}",
                still.display()
            );
            assert_eq!(answer["number"], frame, "{}: {answer}", still.display());
        }
    }
}

// Breaks if a still of another frame, another video, or one that was changed, passes for what it says it is.
#[test]
fn nothing_else_passes() {
    let world = World::new();
    let other = clip(
        world.folder.path(),
        "other.mp4",
        "-f lavfi -i testsrc2=size=640x360:rate=25 -t 3 -c:v libx264 -g 25 -f mp4",
    );
    let png = world.still(31, "a.png", "png");
    let jpeg = world.still(31, "a.jpg", "jpeg");
    for still in [&png, &jpeg] {
        let (code, answer) = world.verify(still, &other);
        assert_eq!((code, &answer["answer"]), (Some(1), &"no".into()), "{answer}");
    }
    // The next frame's pixels with this one's packet, and one bit of a pixel.
    let packet = posterframe_picture::proof::extract(&std::fs::read(&png).unwrap()).unwrap();
    let next = std::fs::read(world.still(32, "next.png", "png")).unwrap();
    let forged = world.path("forged.png");
    std::fs::write(
        &forged,
        posterframe_picture::proof::embed(&next, &packet).unwrap(),
    )
    .unwrap();
    let (code, answer) = world.verify(&forged, &world.video);
    assert_eq!((code, &answer["number"]), (Some(1), &32.into()), "{answer}");
    let image = posterframe_frame::Image::decode_png(&std::fs::read(&png).unwrap()).unwrap();
    let mut pixels = image.data().to_vec();
    pixels[1_000] ^= 1;
    let changed =
        posterframe_frame::Image::new(image.format(), image.width(), image.height(), pixels).unwrap();
    let bit = world.path("bit.png");
    let file = posterframe_picture::proof::embed(&changed.encode_png().unwrap(), &packet).unwrap();
    std::fs::write(&bit, file).unwrap();
    let (code, answer) = world.verify(&bit, &world.video);
    assert_eq!(code, Some(1), "{answer}");
    assert!(
        answer["reason"].as_str().unwrap().contains("pixels were changed"),
        "{answer}"
    );
    // The same with a lossy file, which only its likeness betrays.
    let next = std::fs::read(world.still(32, "next.jpg", "jpeg")).unwrap();
    let packet = posterframe_picture::proof::extract(&std::fs::read(&jpeg).unwrap()).unwrap();
    let forged = world.path("forged.jpg");
    std::fs::write(
        &forged,
        posterframe_picture::proof::embed(&next, &packet).unwrap(),
    )
    .unwrap();
    let (code, answer) = world.verify(&forged, &world.video);
    assert_eq!((code, &answer["number"]), (Some(1), &32.into()), "{answer}");

    let nothing = world.path("nothing.png");
    std::fs::write(&nothing, [0, 1, 2, 3].repeat(100)).unwrap();
    for (still, video) in [(&nothing, &world.video), (&png, &nothing)] {
        let (code, answer) = world.verify(still, video);
        assert_eq!(
            (code, &answer["answer"]),
            (Some(2), &"cannot tell".into()),
            "{answer}"
        );
    }
}
