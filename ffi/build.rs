//! Gives the shared library its soname, which carries the ABI's version, and lets it stay for good.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libdescope_ml.so.1");
        // `dlclose` leaves it where it is: a look-up of a name may go on, threads that have called it
        // may end later, the C library calls it at a fork, and the default client keeps connections.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
