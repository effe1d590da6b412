// SPDX-License-Identifier: Apache-2.0
#include "runtime/comm/channel/link.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <utility>

namespace warpstep::comm::channel {
namespace {

constexpr std::uint64_t largest_payload = std::uint64_t{1} << 32;

bool would_block(int error) {
    return error == EAGAIN || error == EWOULDBLOCK;
}

}  // namespace

void Link::enqueue(FrameType type, std::uint32_t sequence, Payload payload) {
    if (!is_open()) return;
    const std::uint64_t length = payload ? payload->size() : 0;
    queue_.push_back({{type, sequence, length}, std::move(payload)});
}

void Link::flush() {
    while (has_output()) {
        Outgoing& out = queue_.front();
        iovec parts[2];
        int count = 0;
        if (out.written < sizeof out.header) {
            parts[count++] = {reinterpret_cast<char*>(&out.header) + out.written,
                              sizeof out.header - out.written};
        }
        const std::size_t body = out.written - std::min(out.written, sizeof out.header);
        if (body < out.header.length) {
            parts[count++] = {const_cast<char*>(out.payload->data()) + body,
                              out.header.length - body};
        }
        msghdr message{};
        message.msg_iov = parts;
        message.msg_iovlen = static_cast<std::size_t>(count);
        const ssize_t wrote = ::sendmsg(fd(), &message, MSG_NOSIGNAL);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0 && would_block(errno)) return;
        if (wrote < 0) {
            queue_.clear();  // what the peer said before it went is still to be read
            return;
        }
        out.written += static_cast<std::size_t>(wrote);
        if (out.written == sizeof out.header + out.header.length) queue_.pop_front();
    }
}

bool Link::accept_header(std::string& reason) {
    const bool known = header_.type >= FrameType::gather && header_.type <= FrameType::bye;
    if (!known || header_.length > largest_payload) {
        reason = "it sent bytes that are no frame";
        return false;
    }
    payload_.resize(header_.length);
    return true;
}

bool Link::receive(std::vector<Frame>& frames, std::string& reason) {
    while (true) {
        const bool in_header = received_ < sizeof header_;
        char* to = in_header ? reinterpret_cast<char*>(&header_) + received_
                             : payload_.data() + (received_ - sizeof header_);
        const std::size_t wanted =
            (in_header ? sizeof header_ : sizeof header_ + header_.length) - received_;
        if (wanted > 0) {
            const ssize_t got = ::recv(fd(), to, wanted, 0);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0 && would_block(errno)) return true;
            if (got <= 0) {
                reason = got == 0 ? "its connection closed" : system_text(errno);
                return false;
            }
            received_ += static_cast<std::size_t>(got);
        }
        if (received_ == sizeof header_ && in_header && !accept_header(reason)) return false;
        if (received_ >= sizeof header_ && received_ == sizeof header_ + header_.length) {
            frames.push_back({header_.type, header_.sequence, std::move(payload_)});
            payload_.clear();
            received_ = 0;
        }
    }
}

}  // namespace warpstep::comm::channel
