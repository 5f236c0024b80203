//! What stage 05 adds to the teaching protocol: numbers for producers.
