using Zilla.AppHost.Hosting.Model;
using Zilla.AppHost.Hosting.Planning;

namespace Zilla.AppHost.Hosting.Running;

/// <summary>Which resources stop together, and after which.</summary>
internal static class StopOrder
{
    /// <summary>Groups of services: nothing in a later group refers to anything in an earlier one.</summary>
    public static IReadOnlyList<IReadOnlyList<ProcessResource>> Levels(ApplicationPlan plan)
    {
        var rest = plan.Resources.OfType<ProjectResource>().ToList<ProcessResource>();
        var levels = new List<IReadOnlyList<ProcessResource>>();
        while (rest.Count > 0)
        {
            var needed = rest.SelectMany(r => r.All<RelationshipAnnotation>().Select(a => a.Resource).Where(other => other != r)).ToHashSet();
            var free = rest.Where(r => !needed.Contains(r)).ToList();
            var level = free.Count > 0 ? free : rest; // a circle ends together
            levels.Add(level);
            rest = [.. rest.Except(level)];
        }

        return levels;
    }
}
