using Zilla.Config.Plans;

namespace Zilla.Config.Watching;

/// <summary>Is told of each plan once it is in force; for what cannot refuse one. Plans that are in force already may come again.</summary>
public interface IPlanFollower
{
    void Follow(ServicePlan plan);
}
