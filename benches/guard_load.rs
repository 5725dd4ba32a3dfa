//! Load for a guard: requests at random times (a Poisson process), each on the next free connection,
//! without waiting for earlier responses. Needs a core of its own, since it never sleeps.
//!
//! `ADDRESS TOKENS COUNT RATE SECONDS CONNECTIONS`: the first COUNT tokens of the file in turn, RATE
//! requests per second. A latency counts from the moment when its request was due, also where it
//! had to wait for a free connection. Prints one line of JSON, latencies in µs.

#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a benchmark stops at the first error"
)]

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};

/// A connection, and when the request under way was due.
struct Connection {
    stream: TcpStream,
    due: Instant,
    response: Vec<u8>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize| arguments[at].parse::<f64>().expect("a number");
    let text = std::fs::read_to_string(&arguments[1]).expect("the tokens");
    let requests: Vec<String> = text.lines().take(number(2) as usize).map(request).collect();
    let connections = (0..number(5) as usize).map(|_| connect(&arguments[0]));
    let mut load = Load::new(connections.collect());
    load.run(&requests, number(3), Duration::from_secs_f64(number(4)));
    load.report();
}

fn request(token: &str) -> String {
    format!("GET / HTTP/1.1\r\nHost: guard\r\nAuthorization: Bearer {token}\r\n\r\n")
}

fn connect(address: &str) -> Connection {
    let stream = TcpStream::connect(address).expect("a connection");
    stream.set_nodelay(true).expect("no delay");
    stream.set_nonblocking(true).expect("no blocking");
    Connection {
        stream,
        due: Instant::now(),
        response: Vec::new(),
    }
}

struct Load {
    connections: Vec<Connection>,
    free: VecDeque<usize>,
    events: std::os::fd::OwnedFd,
    latencies: Vec<u64>,
    failed: usize,
    took: Duration,
}

impl Load {
    fn new(connections: Vec<Connection>) -> Self {
        let events = epoll::create(epoll::CreateFlags::CLOEXEC).expect("epoll");
        for (number, connection) in connections.iter().enumerate() {
            let data = epoll::EventData::new_u64(number as u64);
            epoll::add(&events, &connection.stream, data, epoll::EventFlags::IN).expect("added");
        }
        Self {
            free: (0..connections.len()).collect(),
            connections,
            events,
            latencies: Vec::new(),
            failed: 0,
            took: Duration::ZERO,
        }
    }

    /// Sends until the time is over, and waits for the rest of the responses.
    fn run(&mut self, requests: &[String], rate: f64, duration: Duration) {
        let started = Instant::now();
        let mut random = fastrand::Rng::with_seed(7);
        let mut due = started;
        let mut sent = 0;
        while due < started + duration || self.free.len() < self.connections.len() {
            let now = Instant::now();
            while due <= now && due < started + duration {
                let Some(number) = self.free.pop_front() else {
                    break;
                };
                let connection = &mut self.connections[number];
                connection.due = due;
                let text = requests[sent % requests.len()].as_bytes();
                connection
                    .stream
                    .write_all(text)
                    .expect("room in the socket");
                sent += 1;
                due += Duration::from_secs_f64(-(1.0 - random.f64()).ln() / rate);
            }
            self.read();
        }
        self.took = started.elapsed();
    }

    /// Takes the responses that are there.
    fn read(&mut self) {
        let mut found = Vec::with_capacity(64);
        let at_once = Timespec::default();
        epoll::wait(&self.events, spare_capacity(&mut found), Some(&at_once)).expect("events");
        for event in found {
            let number = event.data.u64() as usize;
            let connection = &mut self.connections[number];
            let mut buffer = [0; 4096];
            match connection.stream.read(&mut buffer) {
                Ok(0) => panic!("the server closed a connection"),
                Ok(read) => connection.response.extend_from_slice(&buffer[..read]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                Err(error) => panic!("{error}"),
            }
            if connection.response.ends_with(b"\r\n\r\n") {
                let is_accepted = connection.response.starts_with(b"HTTP/1.1 200");
                self.failed += usize::from(!is_accepted);
                self.latencies
                    .push(connection.due.elapsed().as_micros() as u64);
                connection.response.clear();
                self.free.push_back(number);
            }
        }
    }

    fn report(&mut self) {
        self.latencies.sort_unstable();
        let at = |share: f64| self.latencies[((self.latencies.len() - 1) as f64 * share) as usize];
        println!(
            "{{\"requests\":{},\"us\":{},\"failed\":{},\"p50\":{},\"p99\":{},\"max\":{}}}",
            self.latencies.len(),
            self.took.as_micros(),
            self.failed,
            at(0.5),
            at(0.99),
            at(1.0)
        );
    }
}
