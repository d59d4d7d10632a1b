//! The real window, on its own display.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::drop::Drag;
use crate::support::{Ran, posterframe, run, small_clip, wait_for};

/// An X server without a screen, which ends with the test.
struct Display {
    server: Child,
    name: String,
}

impl Display {
    /// Two servers that start at a time may choose one number, and then one of them ends.
    fn start() -> Self {
        wait_for("a display", || {
            let display = Self::try_start();
            let answers = display.tool("xdotool", &["getdisplaygeometry"]).ok;
            answers.then_some(display)
        })
    }

    fn try_start() -> Self {
        // -displayfd lets the server choose a free number, and write it to a file descriptor, here standard output.
        let mut server = Command::new("Xvfb")
            .args([
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1280x800x24",
                "-nolisten",
                "tcp",
            ])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Xvfb, which script/setup installs");
        let mut number = String::new();
        let stdout = server.stdout.as_mut().unwrap();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut number).unwrap();
        Self {
            server,
            name: format!(":{}", number.trim()),
        }
    }

    fn tool(&self, program: &str, arguments: &[&str]) -> Ran {
        run(Command::new(program).args(arguments).env("DISPLAY", &self.name))
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Processor time that a process has used so far, in its user and system parts.
fn cpu(id: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    // The unit is 1/100 s on all common Linux systems.
    Duration::from_millis(ticks * 10)
}

/// The app on its own display, which ends with the test.
struct App {
    child: Child,
    display: Display,
    /// The X window's number.
    window: String,
}

impl App {
    fn start(folder: &Path, videos: &[&Path]) -> Self {
        let display = Display::start();
        let child = posterframe(folder)
            .args(videos)
            .env("DISPLAY", &display.name)
            .env_remove("WAYLAND_DISPLAY")
            .env("LIBGL_ALWAYS_SOFTWARE", "1")
            .spawn()
            .unwrap();
        let window = wait_for("the window", || {
            let found = display.tool("xdotool", &["search", "--onlyvisible", "--name", "Posterframe"]);
            found.stdout.lines().next().map(str::to_owned)
        });
        Self {
            child,
            display,
            window,
        }
    }

    /// Number of colours of the window now. Its screenshot is saved as `shot`.
    fn colours(&self, shot: &Path) -> Option<u32> {
        let shot = shot.to_str().unwrap();
        let taken = self.display.tool("import", &["-window", &self.window, shot]);
        let colours = self.display.tool("identify", &["-format", "%k", shot]).stdout;
        colours.trim().parse().ok().filter(|_| taken.ok)
    }

    /// The colour of a pixel of the screenshot `shot`.
    fn pixel(&self, shot: &Path, x: u32, y: u32) -> Option<[u8; 3]> {
        let point = format!(
            "%[fx:int(255*p{{{x},{y}}}.r)] %[fx:int(255*p{{{x},{y}}}.g)] %[fx:int(255*p{{{x},{y}}}.b)]"
        );
        let output = self
            .display
            .tool("identify", &["-format", &point, shot.to_str().unwrap()]);
        let mut channels = output.stdout.split_whitespace().map(str::parse);
        let mut next = || channels.next()?.ok();
        Some([next()?, next()?, next()?])
    }

    /// Waits until the window has many colours, as it has with the test picture and not without a video.
    fn wait_for_picture(&self, shot: &Path) {
        wait_for("the picture", || (self.colours(shot)? > COLOURFUL).then_some(()));
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const COLOURFUL: u32 = 2000;

// Breaks if the window does not open, stays blank, or uses the processor while it is idle.
#[test]
fn the_window_opens_draws_and_rests() {
    let folder = tempfile::tempdir().unwrap();
    let clip = small_clip(folder.path(), "window.mp4");
    let app = App::start(folder.path(), &[&clip]);
    let shot = folder.path().join("window.png");
    app.wait_for_picture(&shot);
    if let Ok(folder) = std::env::var("POSTERFRAME_TEST_PICTURES") {
        std::fs::copy(&shot, Path::new(&folder).join("window.png")).unwrap();
    }

    // After the film strip is complete nothing moves, and there is a second without processor time.
    let id = app.child.id();
    wait_for("the window at rest", || {
        let before = cpu(id);
        std::thread::sleep(Duration::from_secs(1));
        (cpu(id) == before).then_some(())
    });
}

// Breaks if files dropped on the window are not opened, one of several is lost, videos in a folder are not found, a name
// with spaces or umlauts fails, or the overlay of a drag is missing or stays after the drag.
#[test]
fn dropped_videos_and_folders_are_opened() {
    const RED: [u8; 3] = [254, 0, 0];
    const GREEN: [u8; 3] = [0, 128, 0];
    const BLUE: [u8; 3] = [0, 0, 254];
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("Ümit’s day 2");
    std::fs::create_dir_all(inner.join("camera")).unwrap();
    let red = one_colour(&folder.path().join("one of two.mp4"), "red");
    let green = one_colour(&folder.path().join("grün 100%.mp4"), "green");
    one_colour(&inner.join("camera").join("blue.mp4"), "blue");
    std::fs::write(inner.join("notes.txt"), "no video").unwrap();

    let app = App::start(folder.path(), &[]);
    let shot = folder.path().join("window.png");
    wait_for("the empty window", || {
        app.colours(&shot).filter(|&colours| colours > 50)
    });
    let window = app.window.parse().unwrap();
    let over = |files: &[&Path]| Drag::over(&app.display.name, window, files).unwrap();
    // The colour of the drop zone, which only a drag shows.
    let ground = || app.colours(&shot).and_then(|_| app.pixel(&shot, 200, 200));
    let before = wait_for("the window at rest", || {
        let now = ground()?;
        std::thread::sleep(Duration::from_millis(500));
        (ground()? == now).then_some(now)
    });
    let drag = over(&[&red, &green]);
    assert!(drag.hold(|| ground().is_some_and(|now| now != before)));
    drag.leave();
    wait_for("the window without a drop zone", || {
        (ground()? == before).then_some(())
    });

    let shows = |colour: [u8; 3]| {
        wait_for(&format!("a picture of {colour:?}"), || {
            app.colours(&shot)?;
            let seen = app.pixel(&shot, 500, 300)?;
            let near = seen.iter().zip(colour).all(|(a, b)| a.abs_diff(b) < 12);
            near.then_some(())
        });
    };
    assert!(over(&[&red, &green]).release());
    shows(RED);
    // A folder, and a video that is already open.
    assert!(over(&[&inner, &green]).release());
    shows(BLUE);
    // Each of them has exactly one tab.
    for colour in [RED, GREEN, BLUE] {
        app.display
            .tool("xdotool", &["windowfocus", "--sync", &app.window]);
        app.display.tool("xdotool", &["key", "ctrl+Tab"]);
        shows(colour);
    }
}

/// A clip of one second in one colour.
fn one_colour(file: &Path, colour: &str) -> PathBuf {
    let source = format!("color={colour}:size=320x180:rate=10:duration=1");
    posterframe_clips::encode(file.to_owned(), &source, &[])
}

// Breaks if a second start, by a file manager for instance, opens a second window, which cannot submit.
#[test]
fn a_second_start_opens_its_video_in_the_first_window() {
    let folder = tempfile::tempdir().unwrap();
    let clip = small_clip(folder.path(), "second.mp4");
    let app = App::start(folder.path(), &[]);
    let shot = folder.path().join("window.png");
    wait_for("the empty window", || {
        app.colours(&shot).filter(|&colours| colours > 50)
    });
    let second = run(posterframe(folder.path())
        .arg("second.mp4")
        .current_dir(folder.path())
        .env("DISPLAY", &app.display.name)
        .env_remove("WAYLAND_DISPLAY"));
    assert!(second.ok, "{}", second.stderr);
    assert_eq!(second.stdout, "Opened in the window that is there\n");
    assert!(clip.exists());
    app.wait_for_picture(&shot);
}

// Breaks if the window does not keep its size, position or scale at the next start.
#[test]
fn the_window_opens_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let geometry = |app: &App| {
        let shell = app
            .display
            .tool("xdotool", &["getwindowgeometry", "--shell", &app.window])
            .stdout;
        let value = |name: &str| {
            shell.lines().find_map(|line| {
                let value = line.strip_prefix(name)?.strip_prefix('=')?;
                value.parse::<i32>().ok()
            })
        };
        ["X", "Y", "WIDTH", "HEIGHT"].map(|name| value(name).unwrap_or_default())
    };
    let file = folder.path().join("config").join("window.json");
    let moved = {
        let app = App::start(folder.path(), &[]);
        // A first window is fitted to its screen, which would undo earlier changes.
        wait_for("the first window to rest", || file.exists().then_some(()));
        app.display
            .tool("xdotool", &["windowsize", "--sync", &app.window, "1010", "700"]);
        app.display
            .tool("xdotool", &["windowmove", "--sync", &app.window, "60", "40"]);
        app.display
            .tool("xdotool", &["windowfocus", "--sync", &app.window]);
        app.display.tool("xdotool", &["key", "ctrl+minus"]);
        // The geometry is written once it has settled. The window is killed afterwards.
        wait_for("the window's place on the disk", || {
            let text = std::fs::read_to_string(&file).ok()?;
            (text.contains("1010.0") && text.contains("60.0") && text.contains("\"scale\": 0.9"))
                .then_some(())
        });
        geometry(&app)
    };
    assert_eq!(moved, [60, 40, 1010, 700]);
    let app = App::start(folder.path(), &[]);
    wait_for("the window at its place", || {
        (geometry(&app) == moved).then_some(())
    });
}
