// The window of examples/cpp/qt handles its events while a call waits for its answer.
//
// Usage: qt_window CONFIG, with a server that knows +14155550123 and delays its answer
#include "../../examples/cpp/qt/sign_in_window.hpp"

#include <QApplication>
#include <QTimer>

#include "../c/check.h"

// Handles events until the window shows a result. Returns how often a timer of 5 ms ran meanwhile.
static int wait_for_result(SignInWindow &window) {
    int ticks = 0;
    QTimer timer;
    QObject::connect(&timer, &QTimer::timeout, [&] {
        ticks++;
        if (window.send_button().isEnabled()) {
            QApplication::quit();
        }
    });
    timer.start(5);
    QApplication::exec();
    return ticks;
}

int main(int argc, char **argv) {
    const QApplication application(argc, argv);
    if (argc != 2) {
        return 2;
    }
    const descope::Client client{descope::Document(argv[1])};
    SignInWindow window(client);
    window.show();

    window.login_id().setText("+14155550123");
    window.send_button().click();
    CHECK(window.status() == "Sending…" && !window.send_button().isEnabled());
    // The answer takes half a second.
    CHECK(wait_for_result(window) > 5);
    CHECK(window.status() == "Sent to +1********23");

    window.login_id().setText("");
    window.send_button().click();
    CHECK(window.status().startsWith("`loginId` must not be empty"));
    CHECK(window.send_button().isEnabled());
    return finish_checks();
}
