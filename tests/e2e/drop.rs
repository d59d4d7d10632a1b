//! Drops files on a window like a file manager: the source's part of the X drag-and-drop protocol (XDND, version 5).

use std::path::Path;
use std::time::{Duration, Instant};

use x11rb::connection::Connection;
use x11rb::protocol::Event;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt, CreateWindowAux, EventMask, PropMode,
    SELECTION_NOTIFY_EVENT, SelectionNotifyEvent, SelectionRequestEvent, Window, WindowClass,
};
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

use crate::support::WAIT_LIMIT;

x11rb::atom_manager! {
    Atoms: AtomsCookie {
        XdndSelection,
        XdndEnter,
        XdndPosition,
        XdndStatus,
        XdndDrop,
        XdndLeave,
        XdndFinished,
        XdndActionCopy,
        URI_LIST: b"text/uri-list",
    }
}

/// A drag of files over a window.
pub struct Drag {
    connection: RustConnection,
    atoms: Atoms,
    source: Window,
    target: Window,
    uris: String,
}

impl Drag {
    /// Drags `files` over the middle of the window `target` of `display`, and waits until the window accepts them. `None`
    /// if it does not.
    pub fn over(display: &str, target: Window, files: &[&Path]) -> Option<Self> {
        let (connection, screen) = x11rb::connect(Some(display)).unwrap();
        let root = connection.setup().roots[screen].root;
        let atoms = Atoms::new(&connection).unwrap().reply().unwrap();
        let source = connection.generate_id().unwrap();
        let (class, look) = (WindowClass::INPUT_ONLY, CreateWindowAux::new());
        connection
            .create_window(0, source, root, 0, 0, 1, 1, 0, class, 0, &look)
            .unwrap();
        connection
            .set_selection_owner(source, atoms.XdndSelection, x11rb::CURRENT_TIME)
            .unwrap();
        let uris = files.iter().map(|file| format!("file://{}\r\n", encoded(file)));
        let drag = Self {
            connection,
            atoms,
            source,
            target,
            uris: uris.collect(),
        };
        let version = 5 << 24;
        drag.tell(drag.atoms.XdndEnter, [source, version, drag.atoms.URI_LIST, 0, 0]);
        let middle = (640 << 16) + 400;
        drag.tell(
            drag.atoms.XdndPosition,
            [source, 0, middle, x11rb::CURRENT_TIME, drag.atoms.XdndActionCopy],
        );
        let status = drag.answer(drag.atoms.XdndStatus)?;
        (status[1] & 1 == 1).then_some(drag)
    }

    /// Drops the files. Returns whether the window took them.
    pub fn release(self) -> bool {
        self.tell(self.atoms.XdndDrop, [self.source, 0, x11rb::CURRENT_TIME, 0, 0]);
        self.answer(self.atoms.XdndFinished).is_some()
    }

    /// Holds the files over the window until `seen` returns true. Returns whether it did in time.
    pub fn hold(&self, mut seen: impl FnMut() -> bool) -> bool {
        let start = Instant::now();
        while start.elapsed() < WAIT_LIMIT {
            // The window asks for the names some time after it has accepted the files.
            while let Some(event) = self.connection.poll_for_event().unwrap() {
                if let Event::SelectionRequest(request) = event {
                    self.hand_over(&request);
                }
            }
            if seen() {
                return true;
            }
        }
        false
    }

    /// Drags the files out of the window.
    pub fn leave(self) {
        self.tell(self.atoms.XdndLeave, [self.source, 0, 0, 0, 0]);
        // Without this, the server may discard messages of a connection that closes.
        self.connection.sync().unwrap();
    }

    fn tell(&self, message: u32, data: [u32; 5]) {
        let event = ClientMessageEvent::new(32, self.target, message, data);
        self.connection
            .send_event(false, self.target, EventMask::NO_EVENT, event)
            .unwrap();
        self.connection.flush().unwrap();
    }

    /// Waits for a message of the target, and sends it the files' names when it asks for them.
    fn answer(&self, message: u32) -> Option<[u32; 5]> {
        let start = Instant::now();
        while start.elapsed() < WAIT_LIMIT {
            match self.connection.poll_for_event().unwrap() {
                Some(Event::SelectionRequest(request)) => self.hand_over(&request),
                Some(Event::ClientMessage(event)) if event.type_ == message => {
                    return Some(event.data.as_data32());
                }
                Some(_) => {}
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        None
    }

    fn hand_over(&self, request: &SelectionRequestEvent) {
        let known = request.target == self.atoms.URI_LIST;
        if known {
            let (to, property) = (request.requestor, request.property);
            let bytes = self.uris.as_bytes();
            self.connection
                .change_property8(PropMode::REPLACE, to, property, request.target, bytes)
                .unwrap();
        }
        let notice = SelectionNotifyEvent {
            response_type: SELECTION_NOTIFY_EVENT,
            sequence: 0,
            time: request.time,
            requestor: request.requestor,
            selection: request.selection,
            target: request.target,
            property: if known {
                request.property
            } else {
                AtomEnum::NONE.into()
            },
        };
        self.connection
            .send_event(false, request.requestor, EventMask::NO_EVENT, notice)
            .unwrap();
        self.connection.flush().unwrap();
    }
}

/// A path as file managers write it in a URI: all but unreserved characters are percent-encoded.
fn encoded(file: &Path) -> String {
    let bytes = file.as_os_str().as_encoded_bytes().iter();
    bytes
        .map(|&byte| match byte {
            b'/' | b'-' | b'_' | b'.' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}
