// SPDX-License-Identifier: Apache-2.0
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <sstream>

#include "runtime/workload/yaml_node.hpp"

namespace warpstep::workload {
namespace {

// Notes where each document starts and forgets the rest.
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

Mark place_of(const YAML::Mark& mark, const Source& source) {
    if (mark.is_null()) return {source.path, 1, 1};
    return {source.path, mark.line + 1, mark.column + 1};
}

// YAML::Load reads the first document and is silent about the rest; YAML::LoadAll does not end on a
// stray comma.
void refuse_more_documents(const Source& source) {
    std::istringstream stream(source.text);
    YAML::Parser parser(stream);
    DocumentStart handler;
    if (!parser.HandleNextDocument(handler)) {
        fail_at({source.path, 1, 1}, "the file is empty; start with 'version: 1'");
    }
    if (parser.HandleNextDocument(handler)) {
        fail_at(
            place_of(handler.mark, source),
            "the file goes on after its end (one file holds one workload); remove what follows");
    }
}

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

YamlNode parse_yaml(const Source& source) {
    try {
        refuse_more_documents(source);
        return YamlNode(YAML::Load(source.text), source, "the file", {source.path, 1, 1});
    } catch (const YAML::Exception& error) {
        refuse_syntax(error, source);
    }
}

}  // namespace warpstep::workload
