//! The plain way: bytes over a loopback connection, from or into a file, and nothing else.
//!
//! No checksum, no offsets, no names. Two threads, a socket, a file. Whatever a broker does more than this, it should be worth
//! what it costs.

use std::fs::File;
use std::hint::black_box;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::thread::{self, JoinHandle};

use contest::{Outcome, Stopwatch};

/// Sends a piece so often to a thread that writes it to a file, and waits until the last one is there.
pub(crate) fn into_file(watch: &mut Stopwatch, piece: &[u8], count: u64, path: &Path) -> Outcome<()> {
    let (mut file, mut buffer) = (File::create(path)?, vec![0; piece.len()]);
    let (mut near, far) = connect(move |mut stream| {
        for _ in 0..count {
            stream.read_exact(&mut buffer)?;
            file.write_all(&buffer)?;
        }
        stream.write_all(&[1])
    })?;
    watch.time(|| -> Outcome<()> {
        (0..count).try_for_each(|_| near.write_all(piece))?;
        Ok(near.read_exact(&mut [0])?)
    })?;
    join(far)?;
    Ok(std::fs::remove_file(path)?)
}

/// Asks a thread for the next piece of a file until all of it has come: each piece when the one before is here.
pub(crate) fn out_of_file(watch: &mut Stopwatch, piece: usize, path: &Path) -> Outcome<u64> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let (mut near, far) = connect(move |mut stream| {
        let mut buffer = vec![0; piece];
        let mut left = size as usize;
        while left > 0 {
            stream.read_exact(&mut [0])?;
            let next = &mut buffer[..piece.min(left)];
            file.read_exact(next)?;
            stream.write_all(next)?;
            left -= next.len();
        }
        Ok(())
    })?;
    watch.time(|| -> Outcome<()> {
        let mut left = size as usize;
        while left > 0 {
            near.write_all(&[1])?;
            let mut next = vec![0; piece.min(left)];
            near.read_exact(&mut next)?;
            left -= black_box(next).len();
        }
        Ok(())
    })?;
    join(far)?;
    Ok(size)
}

type Far = JoinHandle<std::io::Result<()>>;

/// A connection, whose far end `serves` on a thread of its own.
fn connect(serve: impl FnOnce(TcpStream) -> std::io::Result<()> + Send + 'static) -> Outcome<(TcpStream, Far)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let near = TcpStream::connect(listener.local_addr()?)?;
    let (far, _) = listener.accept()?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    Ok((near, thread::spawn(move || serve(far))))
}

fn join(far: Far) -> Outcome<()> {
    Ok(far.join().map_err(|_| "the far end panicked")??)
}
