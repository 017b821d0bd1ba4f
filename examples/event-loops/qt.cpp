// Calls in the event loop of Qt. It works in programs with windows as well: it needs Qt Core only.
//
//     DESCOPE_PROJECT_ID=P... ./qt LOGIN_ID
//
// Without arguments the login ID comes from DESCOPE_LOGIN_ID.
#include "calls.h"

#include <QCoreApplication>
#include <QSocketNotifier>
#include <cstdlib>

namespace {

// Runs the event loop until no call is left.
void run(calls &calls) {
    QSocketNotifier notifier(descope_queue_fd(calls.queue), QSocketNotifier::Read);
    QObject::connect(&notifier, &QSocketNotifier::activated, &notifier, [&] {
        if (!calls_continue(&calls)) {
            notifier.setEnabled(false);
            QCoreApplication::quit();
        }
    });
    if (QCoreApplication::exec() != 0) {
        calls_fail(&calls, "Qt", "the event loop was stopped");
    }
}

} // namespace

int main(int argc, char **argv) {
    const QCoreApplication application(argc, argv);
    calls calls;
    if (!calls_start(&calls, argc, argv)) {
        return EXIT_FAILURE;
    }
    run(calls);
    return calls_finish(&calls);
}
