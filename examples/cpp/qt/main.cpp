// A Qt program that sends magic links without blocking its window.
//
//     c++ -std=c++17 -fPIC main.cpp $(pkg-config --cflags --libs descope_ml Qt6Widgets)
//     DESCOPE_PROJECT_ID=P... ./a.out
#include "sign_in_window.hpp"

#include <QApplication>
#include <QMessageBox>

int main(int argc, char **argv) {
    const QApplication application(argc, argv);
    try {
        const descope::Client client;
        SignInWindow window(client);
        window.show();
        return QApplication::exec();
    } catch (const descope::Error &error) { // The configuration is invalid.
        QMessageBox::critical(nullptr, "Sign in", error.what());
        return 1;
    }
}
