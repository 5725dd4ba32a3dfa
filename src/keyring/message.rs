//! D-Bus messages, as far as a keyring needs them (D-Bus Specification, "Type System" and "Message
//! Protocol").

use zeroize::Zeroizing;

/// The byte that says which end of a number comes first: both sides are on this machine.
const ENDIAN: u8 = if cfg!(target_endian = "little") {
    b'l'
} else {
    b'B'
};

/// Bytes of a header before its fields: four single bytes and three numbers.
pub(super) const START: usize = 16;

/// Bytes of the largest message that is read.
const LIMIT: usize = 1 << 20;

/// Types of messages.
const METHOD_CALL: u8 = 1;
const ERROR: u8 = 3;

/// Flag of a call: the service is not started for it.
const NO_AUTO_START: u8 = 2;

/// Fields of a header.
const PATH: u8 = 1;
const INTERFACE: u8 = 2;
const MEMBER: u8 = 3;
const ERROR_NAME: u8 = 4;
const REPLY_SERIAL: u8 = 5;
const DESTINATION: u8 = 6;
const SIGNATURE: u8 = 8;

/// Bytes that are no message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// A method of an object.
#[derive(Clone, Copy)]
pub(super) struct Method<'a> {
    pub(super) destination: &'a str,
    pub(super) path: &'a str,
    pub(super) interface: &'a str,
    pub(super) name: &'a str,
    /// Whether the service is started if it is not running.
    pub(super) starts_service: bool,
}

/// Values that are being written, each aligned as its type demands.
#[derive(Default)]
pub(super) struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    fn align(&mut self, to: usize) {
        let length = self.0.len().next_multiple_of(to);
        self.0.resize(length, 0);
    }

    pub(super) fn number(&mut self, number: u32) {
        self.align(4);
        self.0.extend(number.to_ne_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.number(length(bytes.len()));
        self.0.extend(bytes);
    }

    /// A string, or the path of an object.
    pub(super) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.0.push(0);
    }

    /// A signature, such as the one that a variant begins with.
    pub(super) fn signature(&mut self, signature: &str) {
        self.0
            .push(u8::try_from(signature.len()).unwrap_or(u8::MAX));
        self.0.extend(signature.as_bytes());
        self.0.push(0);
    }

    /// Begins a structure, or an entry of a dictionary.
    pub(super) fn structure(&mut self) {
        self.align(8);
    }

    /// An array of structures or of entries of a dictionary.
    pub(super) fn array(&mut self, write: impl FnOnce(&mut Self)) {
        self.number(0);
        let end = self.0.len();
        self.structure();
        let start = self.0.len();
        write(self);
        let bytes = length(self.0.len() - start).to_ne_bytes();
        self.0[end - 4..end].copy_from_slice(&bytes);
    }

    pub(super) fn dictionary(&mut self, pairs: &[(&str, &str)]) {
        self.array(|writer| {
            for (name, value) in pairs {
                writer.structure();
                writer.text(name);
                writer.text(value);
            }
        });
    }
}

/// Nothing that is written here comes near the limit.
fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

/// The message that calls a method with arguments of this signature.
pub(super) fn call(
    method: Method<'_>,
    serial: u32,
    signature: &str,
    arguments: &Writer,
) -> Zeroizing<Vec<u8>> {
    let flags = if method.starts_service {
        0
    } else {
        NO_AUTO_START
    };
    let mut message = Writer::default();
    message.0.extend([ENDIAN, METHOD_CALL, flags, 1]);
    message.number(length(arguments.0.len()));
    message.number(serial);
    let fields = [
        (PATH, "o", method.path),
        (INTERFACE, "s", method.interface),
        (MEMBER, "s", method.name),
        (DESTINATION, "s", method.destination),
    ];
    message.array(|message| {
        for (code, kind, value) in fields {
            message.structure();
            message.0.push(code);
            message.signature(kind);
            message.text(value);
        }
        if !signature.is_empty() {
            message.structure();
            message.0.push(SIGNATURE);
            message.signature("g");
            message.signature(signature);
        }
    });
    message.structure();
    message.0.extend_from_slice(&arguments.0);
    message.0
}

/// Values that are being read. Every length is checked, whatever the other side says.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Malformed> {
        let end = self.at.checked_add(length).ok_or(Malformed)?;
        let taken = self.bytes.get(self.at..end).ok_or(Malformed)?;
        self.at = end;
        Ok(taken)
    }

    fn align(&mut self, to: usize) {
        self.at = self.at.next_multiple_of(to);
    }

    /// Begins a structure.
    pub(super) fn structure(&mut self) {
        self.align(8);
    }

    pub(super) fn number(&mut self) -> Result<u32, Malformed> {
        self.align(4);
        let bytes = self.take(4)?.try_into().map_err(|_| Malformed)?;
        Ok(u32::from_ne_bytes(bytes))
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.number()?;
        self.take(usize::try_from(length).map_err(|_| Malformed)?)
    }

    /// A string, or the path of an object.
    pub(super) fn text(&mut self) -> Result<&'a str, Malformed> {
        let text = self.bytes()?;
        self.take(1)?;
        std::str::from_utf8(text).map_err(|_| Malformed)
    }

    pub(super) fn signature(&mut self) -> Result<&'a [u8], Malformed> {
        let length = self.take(1)?[0];
        let signature = self.take(length.into())?;
        self.take(1)?;
        Ok(signature)
    }

    /// An array of paths of objects.
    pub(super) fn texts(&mut self) -> Result<Vec<&'a str>, Malformed> {
        let length = usize::try_from(self.number()?).map_err(|_| Malformed)?;
        let end = self.at.checked_add(length).ok_or(Malformed)?;
        let mut texts = Vec::new();
        while self.at < end {
            texts.push(self.text()?);
        }
        Ok(texts)
    }
}

/// A message that was received.
pub(super) struct Message {
    bytes: Zeroizing<Vec<u8>>,
    /// Where the arguments begin.
    body: usize,
    /// The call that it replies to.
    pub(super) reply_to: Option<u32>,
    /// The error's name, if it is one.
    pub(super) error: Option<String>,
}

impl Message {
    /// How many bytes follow the start of a header.
    pub(super) fn rest(start: &[u8; START]) -> Result<usize, Malformed> {
        let mut reader = Reader {
            bytes: start,
            at: 4,
        };
        let body = reader.number()?;
        let _serial = reader.number()?;
        let fields = reader.number()?;
        let rest = u64::from(fields).next_multiple_of(8) + u64::from(body);
        match usize::try_from(rest) {
            Ok(rest) if start[0] == ENDIAN && rest <= LIMIT => Ok(rest),
            _ => Err(Malformed),
        }
    }

    pub(super) fn parse(bytes: Zeroizing<Vec<u8>>) -> Result<Self, Malformed> {
        let mut reader = Reader {
            bytes: &bytes,
            at: START - 4,
        };
        let fields = usize::try_from(reader.number()?).map_err(|_| Malformed)?;
        let end = START.checked_add(fields).ok_or(Malformed)?;
        let (mut reply_to, mut error) = (None, None);
        while reader.at < end {
            reader.structure();
            let code = reader.take(1)?[0];
            match (code, reader.signature()?) {
                (REPLY_SERIAL, b"u") => reply_to = Some(reader.number()?),
                (ERROR_NAME, b"s") => error = Some(reader.text()?.to_owned()),
                (_, b"u") => drop(reader.number()?),
                (_, b"s" | b"o") => drop(reader.text()?),
                (_, b"g") => drop(reader.signature()?),
                _ => return Err(Malformed),
            }
        }
        let kind = bytes.get(1).copied();
        Ok(Self {
            body: end.next_multiple_of(8),
            reply_to,
            error: error.filter(|_| kind == Some(ERROR)),
            bytes,
        })
    }

    pub(super) fn arguments(&self) -> Reader<'_> {
        Reader {
            bytes: self.bytes.get(self.body..).unwrap_or_default(),
            at: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Zeroizing<Vec<u8>> {
        let mut arguments = Writer::default();
        arguments.text("a");
        arguments.dictionary(&[("name", "value"), ("b", "")]);
        arguments.structure();
        arguments.bytes(b"key");
        let method = Method {
            destination: "org.test",
            path: "/",
            interface: "org.test.I",
            name: "M",
            starts_service: false,
        };
        call(method, 7, "sa{ss}(ay)", &arguments)
    }

    #[test]
    fn a_message_has_the_bytes_of_the_specification() {
        let message = example();
        assert_eq!(message[..4], [ENDIAN, METHOD_CALL, NO_AUTO_START, 1]);
        let start: [u8; START] = message[..START].try_into().unwrap();
        assert_eq!(Message::rest(&start).unwrap(), message.len() - START);
        assert_eq!(message[START..START + 4], [PATH, 1, b'o', 0]);
        let parsed = Message::parse(message).unwrap();
        assert_eq!((parsed.reply_to, &parsed.error), (None, &None));
        let mut arguments = parsed.arguments();
        assert_eq!(arguments.text(), Ok("a"));
        // Two entries, 22 and 13 bytes long; the second one is aligned to 8.
        assert_eq!(arguments.number(), Ok(37));
        arguments.structure();
        assert_eq!(
            (arguments.text(), arguments.text()),
            (Ok("name"), Ok("value"))
        );
        arguments.structure();
        assert_eq!((arguments.text(), arguments.text()), (Ok("b"), Ok("")));
        arguments.structure();
        assert_eq!(arguments.bytes(), Ok(&b"key"[..]));
        assert_eq!(arguments.number(), Err(Malformed));
    }

    #[test]
    fn no_byte_of_a_message_ends_in_a_panic() {
        let message = example();
        for at in 0..message.len() {
            for value in [0, 1, 8, 0x7f, 0xff] {
                let mut changed = message.clone();
                changed[at] = value;
                let start: [u8; START] = changed[..START].try_into().unwrap();
                drop(Message::rest(&start));
                if let Ok(parsed) = Message::parse(changed) {
                    let mut arguments = parsed.arguments();
                    drop((arguments.texts(), arguments.text(), arguments.bytes()));
                }
                drop(Message::parse(Zeroizing::new(message[..at].to_vec())));
            }
        }
    }
}
