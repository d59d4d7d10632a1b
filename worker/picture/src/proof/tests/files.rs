//! Packets in files that other programs made, read by other programs.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::example;
use super::programs::{RECIPES, Recipe, frames, run};
use crate::proof::{Container, EmbedError, Proof, embed, extract};

fn each(mut test: impl FnMut(&Recipe, &[u8])) {
    for recipe in RECIPES {
        if let Some(file) = recipe.make() {
            println!("{}: {} bytes", recipe.name, file.len());
            test(recipe, &file);
        }
    }
}

// Breaks if a packet changes what ffmpeg decodes, is not read back as it was, or a second one leaves a trace of the first.
#[test]
fn pixels_stay_and_packets_come_back() {
    let xmp = example().to_xmp();
    each(|recipe, file| {
        assert_eq!(extract(file), None, "{}", recipe.name);
        let first = embed(file, &xmp).unwrap();
        assert_eq!(extract(&first).as_ref(), Some(&xmp), "{}", recipe.name);
        let (_folder, before) = recipe.store(file);
        let (_folder, after) = recipe.store(&first);
        assert_eq!(frames(&before), frames(&after), "{}", recipe.name);

        let other = xmp.replace("Snow", "Snow and more of it");
        let second = embed(&first, &other).unwrap();
        assert_eq!(second, embed(file, &other).unwrap(), "{}", recipe.name);
        let (_folder, after) = recipe.store(&second);
        assert_eq!(frames(&before), frames(&after), "{}", recipe.name);
    });
}

// Breaks if exiftool does not find the packet, reads another text, warns of the file, or cannot read one of our properties.
#[test]
fn exiftool_reads_it() {
    let proof = example();
    each(|recipe, file| {
        let (_folder, path) = recipe.store(&embed(file, &proof.to_xmp()).unwrap());
        let ask = |arguments: &[&str]| run(Command::new("exiftool").args(arguments).arg(&path));
        let Some(packet) = ask(&["-b", "-XMP"]) else {
            return;
        };
        assert_eq!(
            String::from_utf8(packet).unwrap(),
            proof.to_xmp(),
            "{}",
            recipe.name
        );
        let text = |tag: &str| String::from_utf8(ask(&["-b", tag]).unwrap()).unwrap();
        assert_eq!(text("-XMP-pf:PixelSHA256"), proof.pixel_sha256, "{}", recipe.name);
        assert_eq!(text("-XMP-dc:Source"), proof.origin.name, "{}", recipe.name);
        assert_eq!(
            text("-XMP-xmp:CreatorTool"),
            "Posterframe 0.1.0",
            "{}",
            recipe.name
        );
        let (_folder, plain) = recipe.store(file);
        let faults = |path: &Path| {
            let arguments = ["-validate", "-warning", "-error", "-a", "-s3"];
            run(Command::new("exiftool").args(arguments).arg(path))
        };
        assert_eq!(faults(&path), faults(&plain), "{}", recipe.name);
    });
}

// Breaks if a proof is lost once exiftool has added a property of its own and written the packet in its form.
#[test]
fn a_packet_that_exiftool_rewrote_is_read() {
    let proof = example();
    each(|recipe, file| {
        let (_folder, path) = recipe.store(&embed(file, &proof.to_xmp()).unwrap());
        let mut exiftool = Command::new("exiftool");
        exiftool.args(["-q", "-overwrite_original", "-XMP-dc:Rights=ours"]);
        if run(exiftool.arg(&path)).is_none() {
            return;
        }
        let rewritten = fs::read(&path).unwrap();
        let packet = extract(&rewritten).unwrap();
        assert!(packet.contains("ours"), "{}", recipe.name);
        assert_eq!(Proof::from_xmp(&packet).as_ref(), Some(&proof), "{}", recipe.name);

        let again = embed(&rewritten, &proof.to_xmp()).unwrap();
        assert_eq!(extract(&again), Some(proof.to_xmp()), "{}", recipe.name);
        let (_folder, after) = recipe.store(&again);
        assert_eq!(frames(&path), frames(&after), "{}", recipe.name);
    });
}

/// What the format's own decoder makes of a file.
fn decoded(path: &Path, container: Container) -> Option<Vec<u8>> {
    let out = path.with_extension("decoded.png");
    match container {
        Container::WebP => run(Command::new("dwebp").arg(path).arg("-o").arg(&out))?,
        Container::Avif => run(Command::new("avifdec").arg(path).arg(&out))?,
        Container::Png | Container::Jpeg => return None,
    };
    Some(frames(&out).into_bytes())
}

// Breaks if the formats' own programs see another picture, or find fault with the file.
#[test]
fn reference_decoders_agree() {
    let xmp = example().to_xmp();
    each(|recipe, file| {
        let container = Container::of(file).unwrap();
        let (_folder, before) = recipe.store(file);
        let (_folder, after) = recipe.store(&embed(file, &xmp).unwrap());
        if let Some(expected) = decoded(&before, container) {
            assert_eq!(decoded(&after, container), Some(expected), "{}", recipe.name);
        }
        if container == Container::WebP
            && let Some(info) = run(Command::new("webpinfo").arg(&after))
        {
            let info = String::from_utf8(info).unwrap();
            assert!(info.contains("No error detected"), "{}: {info}", recipe.name);
            let has_alpha = recipe.name.contains("alpha");
            assert_eq!(info.contains("Alpha: 1"), has_alpha, "{}: {info}", recipe.name);
            assert!(info.contains("Canvas size 63 x 47"), "{}: {info}", recipe.name);
        }
    });
}

// Breaks if a packet and a picture that avifenc put into one box are mixed up, or Exif and colour beside them are lost.
#[test]
fn metadata_of_avifenc() {
    let Some(png) = RECIPES[0].make() else {
        return;
    };
    let (folder, png) = RECIPES[0].store(&png);
    let old = folder.path().join("old.xmp");
    fs::write(&old, example().to_xmp().replace("Snow", "Old")).unwrap();
    let path = folder.path().join("made.avif");
    let mut avifenc = Command::new("avifenc");
    avifenc.arg("--xmp").arg(&old).args(["-s", "10"]);
    if run(avifenc.arg(&png).arg(&path)).is_none() {
        return;
    }
    let file = fs::read(&path).unwrap();
    assert!(extract(&file).unwrap().contains("Old"));
    let replaced = embed(&file, &example().to_xmp()).unwrap();
    assert_eq!(extract(&replaced), Some(example().to_xmp()));
    assert!(!replaced.windows(3).any(|bytes| bytes == b"Old"));
    let again = embed(&replaced, &example().to_xmp()).unwrap();
    assert_eq!(again, replaced);
    let after = folder.path().join("after.avif");
    fs::write(&after, &replaced).unwrap();
    assert_eq!(frames(&path), frames(&after));
    assert_eq!(decoded(&path, Container::Avif), decoded(&after, Container::Avif));
}

// Breaks if a packet that is too long is cut, or the longest one is refused or misread.
#[test]
fn the_longest_packets() {
    each(|recipe, file| {
        let limit = Container::of(file).unwrap().limit();
        let longest = "x".repeat(limit);
        let embedded = embed(file, &longest).unwrap();
        assert_eq!(extract(&embedded), Some(longest), "{}", recipe.name);
        let (_folder, before) = recipe.store(file);
        let (_folder, after) = recipe.store(&embedded);
        assert_eq!(frames(&before), frames(&after), "{}", recipe.name);
        let refused = embed(file, &"x".repeat(limit + 1));
        assert!(
            matches!(refused, Err(EmbedError::TooLong { .. })),
            "{}",
            recipe.name
        );
        assert_eq!(embed(file, ""), Err(EmbedError::Empty), "{}", recipe.name);
    });
}
