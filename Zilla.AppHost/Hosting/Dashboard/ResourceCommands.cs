using Zilla.AppHost.Hosting.Running;

namespace Zilla.AppHost.Hosting.Dashboard;

/// <summary>The buttons beside a resource.</summary>
internal static class ResourceCommands
{
    public const string Start = "start";
    public const string Stop = "stop";
    public const string Restart = "restart";

    public static IEnumerable<Wire.ResourceCommand> Of(ResourceSnapshot snapshot)
    {
        if (snapshot.Instance is null || snapshot.IsHidden)
        {
            return [];
        }

        var canStart = snapshot.IsOver || snapshot.State is ResourceState.NotStarted or ResourceState.Waiting;
        var runs = snapshot.State is ResourceState.Starting or ResourceState.Running;
        return
        [
            Command(Start, "Start", "Play", canStart, highlighted: true),
            Command(Stop, "Stop", "Stop", runs || snapshot.State is ResourceState.Waiting, highlighted: true),
            Command(Restart, "Restart", "ArrowCounterclockwise", runs, highlighted: false),
        ];
    }

    private static Wire.ResourceCommand Command(string name, string title, string icon, bool offered, bool highlighted) => new()
    {
        Name = name,
        DisplayName = title,
        IconName = icon,
        IconVariant = highlighted ? Wire.IconVariant.Filled : Wire.IconVariant.Regular,
        IsHighlighted = highlighted,
        State = offered ? Wire.ResourceCommandState.Enabled : Wire.ResourceCommandState.Hidden,
    };
}
