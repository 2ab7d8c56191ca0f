using System.Globalization;
using System.Text.Json.Nodes;
using Zilla.AppHost.Hosting.Planning;
using Zilla.AppHost.Hosting.Running;

namespace Zilla.AppHost.Hosting.Dcp;

/// <summary>Our instances as the orchestrator's objects, and its objects' states as ours.</summary>
internal static class DcpObjects
{
    public static JsonObject SpecOf(ResourceInstance instance) => new()
    {
        ["executablePath"] = instance.Program,
        ["workingDirectory"] = Path.GetDirectoryName(instance.Program),
        ["executionType"] = "Process",
        ["ambientEnvironment"] = new JsonObject { ["behavior"] = "Inherit" },
        ["args"] = new JsonArray([.. instance.Arguments.Select(argument => (JsonNode)argument)]),
        ["env"] = new JsonArray([.. instance.Environment.Select(v => (JsonNode)new JsonObject { ["name"] = v.Name, ["value"] = v.Value })]),
    };

    /// <summary>Null while the object says nothing of its state.</summary>
    public static ProcessStatus? StatusOf(JsonObject executable)
    {
        var name = (string)executable["metadata"]!["name"]!;
        if (executable["status"] is not JsonObject status || executable["metadata"]!["deletionTimestamp"] is not null)
        {
            return null;
        }

        ProcessState? state = (string?)status["state"] switch
        {
            "Starting" => ProcessState.Starting,
            "Running" => ProcessState.Running,
            "Stopping" => ProcessState.Stopping,
            "Finished" or "Terminated" => ProcessState.Ended,
            "FailedToStart" => ProcessState.FailedToStart,
            _ => null,
        };
        return state is null ? null : new ProcessStatus(name, state.Value)
        {
            ProcessId = NumberOf(status["pid"]),
            ExitCode = NumberOf(status["exitCode"]),
            StartedAt = TimeOf(status["startupTimestamp"]),
            EndedAt = TimeOf(status["finishTimestamp"]),
        };
    }

    private static int? NumberOf(JsonNode? node) => node is not null && int.TryParse(node.ToString(), CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>Null for a time that was not set, which comes as the year 1.</summary>
    private static DateTimeOffset? TimeOf(JsonNode? node) =>
        (string?)node is { Length: > 0 } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out var time) && time.Year > 1 ? time : null;
}
