//! Timecodes and lists of marks on the command line: which frames they are, what files are called, what manifests and files
//! say; and lists that are written.

use std::path::Path;

use serde_json::Value;

use crate::support::{clip, oracle, picture, posterframe, run, submit};

const FILM: &str =
    "-f lavfi -i testsrc2=size=160x120:rate=30000/1001 -t 4 -c:v libx264 -g 25 -bf 2 -timecode 00:00:59;20";

/// Markers as `DaVinci` Resolve writes them for a timeline that begins at 01:00:00;00.
const MARKERS: &str = "TITLE: film
FCM: DROP FRAME

001  001      V     C        01:00:00;13 01:00:00;14 01:00:00;13 01:00:00;14  
dark & wide |C:ResolveColorBlue |M:Scene 4/2 |D:1

002  001      V     C        01:00:02;00 01:00:02;01 01:00:02;00 01:00:02;01  
 |C:ResolveColorBlue |M:End |D:1
";

fn json(ran: &crate::support::Ran) -> Value {
    assert!(ran.ok, "{}", ran.stderr);
    serde_json::from_str(&ran.stdout).unwrap()
}

fn name(file: &Value) -> String {
    let path = file["file"].as_str().unwrap();
    path.rsplit('/').next().unwrap().to_owned()
}

fn has(file: &Path, text: &str) -> bool {
    let bytes = std::fs::read(file).unwrap();
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

// Breaks if a timecode leads to another frame than ffmpeg's of that number, or a file's name is not made of it.
#[test]
fn frames_by_timecode() {
    let folder = tempfile::tempdir().unwrap();
    for container in ["film.mov", "film.mkv"] {
        let film = clip(folder.path(), container, FILM);
        let mut command = posterframe(folder.path());
        command
            .arg("frame")
            .arg(&film)
            .args(["--at", "00:01:00;02", "--json"]);
        command
            .args(["--force", "--name", "{name} {timecode}", "--out"])
            .arg(folder.path());
        let object = json(&run(&mut command));
        let still = &object["stills"][0];
        assert_eq!(still["timecode"], "00:01:00;02", "{object}");
        assert_eq!(name(&still["files"][0]), "film 00-01-00-02.png");
        let file = Path::new(still["files"][0]["file"].as_str().unwrap());
        assert!(picture(file) == oracle(&film, "0.333").unwrap(), "{container}");
        assert!(has(file, "pf:Timecode=\"00:01:00;02\""));
    }
    let film = folder.path().join("film.mov");
    let ran = run(posterframe(folder.path())
        .arg("frame")
        .arg(&film)
        .args(["--at", "00:01:00:01"]));
    assert!(
        !ran.ok && ran.stderr.contains("00:01:00;02 is the next frame"),
        "{}",
        ran.stderr
    );
}

// Breaks if a list's marks are other frames of a job than of the timeline, or their names and notes are lost on the way into
// files, their names and the manifest.
#[test]
fn jobs_of_a_list() {
    let folder = tempfile::tempdir().unwrap();
    let film = clip(folder.path(), "film.mov", FILM);
    let list = folder.path().join("scenes.edl");
    std::fs::write(&list, MARKERS).unwrap();
    let list = list.to_str().unwrap();
    let arguments = ["--marks", list, "--marks-start", "01:00:00;00", "--at", "0"];
    let (objects, ran) = submit(folder.path(), &[&film], &arguments);
    assert!(ran.ok, "{}", ran.stderr);
    let stills = objects[0]["stills"].as_array().unwrap();
    assert_eq!(stills.len(), 3, "{objects:?}");
    let of = |still: &Value| {
        let text = |field: &str| still[field].as_str().map(str::to_owned);
        (text("timecode"), text("name"), text("note"))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        of(&stills[0]),
        (some("00:01:00;05"), some("Scene 4/2"), some("dark & wide"))
    );
    assert_eq!(of(&stills[1]), (some("00:01:01;22"), some("End"), None));
    assert_eq!(of(&stills[2]), (some("00:00:59;20"), None, None));
    let key = |still: &Value| {
        let key = still["files"][0]["key"].as_str().unwrap();
        key.rsplit('/').next().unwrap().to_owned()
    };
    assert_eq!(
        [key(&stills[0]), key(&stills[1]), key(&stills[2])],
        ["film_Scene 4-2.png", "film_End.png", "film_00-00-00.000.png"]
    );
    let file = Path::new(stills[0]["files"][0]["file"].as_str().unwrap());
    assert!(picture(file) == oracle(&film, "0.433").unwrap());
    assert!(has(file, ">dark &amp; wide</rdf:li>") && has(file, ">Scene 4/2</rdf:li>"));
    assert_eq!(objects[0]["identical_to_preview"], true);

    // The same right here, and beforehand.
    let mut command = posterframe(folder.path());
    command
        .arg("frame")
        .arg(&film)
        .args(arguments)
        .args(["--json", "--out"]);
    let here = json(&run(command.arg(folder.path().join("here"))));
    assert_eq!(name(&here["stills"][0]["files"][0]), "film_Scene 4-2.png");
    assert_eq!(here["stills"][0]["note"], "dark & wide");
    let mut command = posterframe(folder.path());
    command
        .arg("submit")
        .arg(&film)
        .args(arguments)
        .args(["--dry-run", "--json"]);
    let planned = json(&run(&mut command));
    assert_eq!(planned["frames"][1]["files"][0]["name"], "film_End.png");
}

// Breaks if chapters are not listed, a list that is written has other frames when it is read, or several videos in one list are
// mixed up.
#[test]
fn lists_are_written_and_read() {
    let folder = tempfile::tempdir().unwrap();
    let chapters = folder.path().join("chapters.txt");
    let text = ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=1001\nEND=2000\ntitle=Second\n";
    std::fs::write(&chapters, text).unwrap();
    let with_chapters = |name: &str, timecode: &str| {
        let source = "-f lavfi -i testsrc2=size=96x64:rate=30000/1001:duration=3";
        let chapters = chapters.display();
        let more = format!("{source} -i {chapters} -map_chapters 1 -map 0 -c:v libx264 -timecode {timecode}");
        clip(folder.path(), name, &more)
    };
    let one = with_chapters("one.mov", "01:00:00;00");
    let two = with_chapters("two.mkv", "10:00:00:00");
    let marks = |arguments: &[&std::ffi::OsStr]| {
        let mut command = posterframe(folder.path());
        run(command.arg("marks").args(arguments))
    };
    let listed = marks(&["--json".as_ref(), one.as_os_str()]);
    let listed = json(&listed);
    assert_eq!(
        (&listed["name"], &listed["timecode"]),
        (&"Second".into(), &"01:00:01;00".into())
    );
    for format in ["csv", "edl", "txt", "vtt"] {
        let list = folder.path().join(format!("list.{format}"));
        let ran = marks(&[one.as_os_str(), "--export".as_ref(), list.as_os_str()]);
        assert!(ran.ok, "{}", ran.stderr);
        let again = marks(&[one.as_os_str(), "--export".as_ref(), list.as_os_str()]);
        assert!(!again.ok, "a list that is there is kept");
        let read = marks(&[
            "--json".as_ref(),
            one.as_os_str(),
            "--marks".as_ref(),
            list.as_os_str(),
        ]);
        let read = json(&read);
        for field in ["position", "timecode", "name"] {
            assert_eq!(read[field], listed[field], "{format}: {read}");
        }
    }
    let both = folder.path().join("both.csv");
    let ran = marks(&[
        one.as_os_str(),
        two.as_os_str(),
        "--export".as_ref(),
        both.as_os_str(),
    ]);
    assert!(ran.ok, "{}", ran.stderr);
    let mut command = posterframe(folder.path());
    command
        .args(["submit", "--dry-run", "--json", "--marks"])
        .arg(&both);
    let ran = run(&mut command);
    assert!(ran.ok, "{}", ran.stderr);
    let names: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let names: Vec<&Value> = names
        .iter()
        .map(|video| &video["frames"][0]["files"][0]["name"])
        .collect();
    assert_eq!(names, ["one_Second.png", "two_Second.png"]);

    std::fs::write(&both, "name,time\na,1\nb,1:99\n").unwrap();
    let ran = marks(&[one.as_os_str(), "--marks".as_ref(), both.as_os_str()]);
    assert!(
        !ran.ok && ran.stderr.contains("line 3, column 2"),
        "{}",
        ran.stderr
    );
}
