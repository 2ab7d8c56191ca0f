using Zilla.Config.Plans;

namespace Zilla.Config.Watching;

/// <summary>What a service does with its plans. Called by one caller at a time, in the order of the plans.</summary>
public interface IPlanApplier
{
    /// <summary>
    /// Puts <paramref name="plan"/> in force in place of the one before, whole or not at all; returns when it is in force. Never called with
    /// a plan that differs from the one in force by its revision alone. A plan without listeners and clusters is a plan: close what is open.
    /// </summary>
    /// <exception cref="PlanRefusedException">
    /// The plan cannot be put in force and the one before still is. Any other exception counts as a refusal too, but is logged as a fault.
    /// </exception>
    Task ApplyAsync(ServicePlan plan, CancellationToken cancellationToken);
}
