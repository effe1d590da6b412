// SPDX-License-Identifier: Apache-2.0
// From yaml-cpp's events to values. Its own nodes are not used: they share and merge storage, which
// takes longer than reading the text does.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

#include "runtime/workload/yaml_node.hpp"

namespace warpstep::workload {
namespace {

Mark place_of(const YAML::Mark& mark, const Source& source) {
    if (mark.is_null()) return {source.path, 1, 1};
    return {source.path, mark.line + 1, mark.column + 1};
}

// The values of one document, kept in the source.
class Builder final : public YAML::EventHandler {
  public:
    explicit Builder(Source& source) : source_(source) {}

    const YamlValue* root() const { return root_; }

    void OnDocumentStart(const YAML::Mark&) override {}
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark& at, YAML::anchor_t anchor) override {
        finish(make(YamlValue::Kind::empty, at, ""), anchor);
    }
    void OnScalar(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& text) override {
        YamlValue& value = make(YamlValue::Kind::text, at, tag);
        value.plain = tag == "?";
        value.text = text;
        finish(value, anchor);
    }
    void OnSequenceStart(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open_.push_back({&make(YamlValue::Kind::list, at, tag), anchor});
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open_.push_back({&make(YamlValue::Kind::map, at, tag), anchor});
    }
    void OnMapEnd() override { close(); }
    void OnAlias(const YAML::Mark& at, YAML::anchor_t anchor) override {
        if (anchor >= anchors_.size() || anchors_[anchor] == nullptr) {
            fail_at(place_of(at, source_),
                    "an alias inside what it names (a value cannot hold itself); write it out");
        }
        add(*anchors_[anchor]);
    }

  private:
    struct Open {
        YamlValue* value;
        YAML::anchor_t anchor;
    };

    YamlValue& make(YamlValue::Kind kind, const YAML::Mark& at, const std::string& tag) {
        YamlValue& value = source_.values.emplace_back();
        value.kind = kind;
        value.line = at.line;
        value.column = at.column;
        value.offset = at.pos;
        if (tag != "?" && tag != "!") value.tag = tag;
        return value;
    }

    void close() {
        const Open last = open_.back();
        open_.pop_back();
        finish(*last.value, last.anchor);
    }

    void finish(const YamlValue& value, YAML::anchor_t anchor) {
        if (anchor != YAML::NullAnchor) {
            if (anchors_.size() <= anchor) anchors_.resize(anchor + 1, nullptr);
            anchors_[anchor] = &value;
        }
        add(value);
    }

    void add(const YamlValue& value) {
        if (open_.empty()) {
            root_ = &value;
        } else {
            open_.back().value->items.push_back(&value);
        }
    }

    Source& source_;
    const YamlValue* root_ = nullptr;
    std::vector<Open> open_;
    std::vector<const YamlValue*> anchors_;
};

// Notes where a document starts and forgets the rest.
class DocumentStart final : public YAML::EventHandler {
  public:
    YAML::Mark mark;

    void OnDocumentStart(const YAML::Mark& at) override { mark = at; }
    void OnDocumentEnd() override {}
    void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
    void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
    void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  const std::string&) override {}
    void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                         YAML::EmitterStyle::value) override {}
    void OnSequenceEnd() override {}
    void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                    YAML::EmitterStyle::value) override {}
    void OnMapEnd() override {}
};

[[noreturn]] void refuse_syntax(const YAML::Exception& error, const Source& source) {
    const Mark mark = place_of(error.mark, source);
    if (error.msg == YAML::ErrorMsg::UNKNOWN_ANCHOR) {
        fail_at(mark,
                "undefined alias (no '&' anchor of that name before it); quote a text that starts "
                "with '*'");
    }
    if (error.msg == YAML::ErrorMsg::BAD_FILE)
        fail_at(mark, "the file is nested too deeply; flatten it");
    fail_at(mark, "not valid YAML ({}); check indentation, quotes and brackets here", error.msg);
}

}  // namespace

YamlNode parse_yaml(Source& source, std::string_view advice) {
    const Mark start{source.path, 1, 1};
    try {
        std::istringstream stream(source.text);
        YAML::Parser parser(stream);
        Builder builder(source);
        if (!parser.HandleNextDocument(builder) || builder.root() == nullptr)
            fail_at(start, "the file is empty; {}", advice);
        DocumentStart more;
        if (parser.HandleNextDocument(more)) {
            fail_at(place_of(more.mark, source),
                    "the file goes on after its end (one file holds one workload); remove what "
                    "follows");
        }
        return {*builder.root(), source, "the file", start};
    } catch (const YAML::Exception& error) {
        refuse_syntax(error, source);
    }
}

}  // namespace warpstep::workload
